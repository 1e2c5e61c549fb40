// What this machine keeps of the conversation. Where storage is forbidden, memory stands in.

const PREFIX = "ward.chat.";
const memory = new Map();

const MOST_SHOWN = 200;
const MOST_KNOWN = 400;

export function get(name, otherwise) {
  try {
    const raw = localStorage.getItem(PREFIX + name);
    return raw === null ? (memory.get(name) ?? otherwise) : JSON.parse(raw);
  } catch {
    return memory.get(name) ?? otherwise;
  }
}

export function put(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

// Forget the conversation; the size of letters is the machine's, not the conversation's.
export function forget() {
  for (const name of ["log", "queue", "known", "last", "greeted", "draft"]) {
    memory.delete(name);
    try {
      localStorage.removeItem(PREFIX + name);
    } catch {
      // nothing was kept then
    }
  }
}

export const entries = () => get("log", []);

export function keepEntry(entry) {
  const kept = entries().filter((other) => other.key !== entry.key);
  saveEntries([...kept, entry].slice(-MOST_SHOWN));
}

export function changeEntry(key, change) {
  const kept = entries();
  const entry = kept.find((other) => other.key === key);
  if (!entry) return null;
  Object.assign(entry, change);
  saveEntries(kept);
  return entry;
}

export function dropEntry(key) {
  saveEntries(entries().filter((other) => other.key !== key));
}

// Little pictures are the first to go when the machine's storage is full.
function saveEntries(kept) {
  if (!put("log", kept)) put("log", kept.map((entry) => ({ ...entry, thumbs: [] })));
}

// Tell whether answer *id* is new, and remember it: an answer may arrive twice.
export function isNew(id) {
  const known = get("known", []);
  put("last", id);
  if (known.includes(id)) return false;
  put("known", [...known, id].slice(-MOST_KNOWN));
  return true;
}

// Hear when another tab changed what is kept under *name*.
export function onOtherTab(name, then) {
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key === PREFIX + name) then();
  });
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
