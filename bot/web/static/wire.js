// The line to the ward: what was written goes out once and in order, answers come in.

import * as store from "./store.js";

const embed = document.documentElement.dataset.embed === "1" ? "?embed=1" : "";
const PATIENCE_MS = 20_000;
const PHOTO_PATIENCE_MS = 90_000;
const SILENCE_MS = 45_000; // three heartbeats
const LONGEST_WAIT_MS = 30_000;
const LATER = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

const LOST_PHOTO = new Set([413, 415, 422]); // too large, no photo, an identity card: the rest goes on

const photos = new Map(); // message id -> blobs; they live as long as the page
let told = {}; // what the page wants to hear, see start
let pumping = false;
let wakePump = () => {};
let source = null;
let silence = 0;
let reopening = 0;
let failures = 0;
let renewing = null;
let renewals = 0; // sessions asked for since one was last recognized

export function start(callbacks) {
  told = callbacks;
  window.addEventListener("online", hurry);
  window.addEventListener("offline", () => told.onLine(false));
  window.addEventListener("pagehide", closeStream);
  window.addEventListener("pageshow", (event) => event.persisted && hurry());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !source && hurry());
  store.onOtherTab("leaving", followOtherTab);
  again();
}

// Put a message in the line; it is kept over reloads until the ward has it on disk.
export function enqueue(body, blobs = []) {
  if (blobs.length) photos.set(body.id, blobs);
  store.put("queue", [...store.get("queue", []), { body, photos: blobs.length }]);
  pump();
}

// End the session: what was said can no longer be reached from this machine. Without a line
// the end is only noted; nothing is asked or shown before the ward has heard of it.
export function leave() {
  photos.clear();
  store.put("leaving", true);
  hurry();
}

async function again() {
  closeStream();
  if (store.get("leaving", false) && !(await left())) {
    told.onLine(false);
    reopening = setTimeout(again, nextWait());
    return;
  }
  openStream();
  pump();
}

async function left() {
  const { status } = await call("/chat/session" + embed, { method: "POST" });
  if (status === 200) store.put("leaving", false);
  return status === 200;
}

// The stream still belongs to the session that another tab has just ended.
function followOtherTab() {
  if (store.get("leaving", false)) closeStream();
  else again();
}

function hurry() {
  failures = 0;
  wakePump();
  again();
}

async function call(path, options = {}, patience = PATIENCE_MS) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const headers = { "X-Ward-Chat": "1", ...options.headers };
    const response = await fetch(path, { credentials: "same-origin", ...options, headers, signal: stop.signal });
    const data = await response.json().catch(() => ({}));
    return { status: response.status, data, wait: Number(response.headers.get("Retry-After")) * 1000 };
  } catch {
    return { status: 0, data: {}, wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

async function pump() {
  if (pumping) return;
  pumping = true;
  let tries = 0;
  for (let item = next(); item; item = next()) {
    const { status, data, wait } = await sendOne(item);
    if (status === 200) {
      finish(item, () => told.onTaken(item.body.id));
      tries = renewals = 0;
    } else if (status === 401) {
      if (!(await renew())) break;
    } else if (LATER.has(status)) {
      if (status === 0) told.onLine(false);
      await pause(wait || Math.min(1000 * 2 ** tries++, LONGEST_WAIT_MS));
    } else {
      finish(item, () => told.onRefused(item.body.id, data.error ?? ""));
    }
  }
  pumping = false;
}

const next = () => (store.get("leaving", false) ? undefined : store.get("queue", [])[0]);

function finish(item, tell) {
  store.put("queue", store.get("queue", []).filter((other) => other.body.id !== item.body.id));
  photos.delete(item.body.id);
  tell();
}

async function sendOne(item) {
  const { text, place, photos: done = [] } = item.body;
  if (done.length + (item.lost ?? 0) < item.photos) return sendPhoto(item, done);
  if (item.lost && !text && !place && !done.length) return { status: 422, data: {} };
  const headers = { "Content-Type": "application/json" };
  return call("/chat/messages", { method: "POST", headers, body: JSON.stringify(item.body) });
}

// One photo after another, then the message that names them.
async function sendPhoto(item, done) {
  const { id } = item.body;
  const index = done.length + (item.lost ?? 0);
  const blob = photos.get(id)?.[index];
  if (!blob) return { status: 410, data: { error: "Ảnh chưa gửi kịp trước khi trang đóng. Anh/chị vui lòng chọn lại ảnh." } };
  told.onPhoto(id, index + 1, item.photos);
  const answer = await call("/chat/photos", { method: "POST", body: blob }, PHOTO_PATIENCE_MS);
  if (LOST_PHOTO.has(answer.status)) {
    item.lost = (item.lost ?? 0) + 1;
    told.onPhotoLost(id, done.length, answer.data.error ?? "");
  } else if (answer.status === 200) {
    item.body.photos = [...done, answer.data.photo];
  } else return answer;
  store.put("queue", store.get("queue", []).map((other) => (other.body.id === id ? item : other)));
  return sendOne(item);
}

function pause(wait) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    wakePump = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

// Ask for a new session. False when that is of no use: the browser keeps no cookie of ours.
function renew() {
  renewing ??= renewed().finally(() => (renewing = null));
  return renewing;
}

async function renewed() {
  if (renewals++ > 1) {
    closeStream();
    told.onBlocked();
    return false;
  }
  if (await left()) openStream();
  else await pause(nextWait());
  return true;
}

function openStream() {
  closeStream();
  const opened = new EventSource("/chat/events?after=" + store.get("last", 0));
  source = opened;
  watch();
  opened.onopen = () => {
    failures = renewals = 0;
    told.onLine(true);
    wakePump();
  };
  opened.addEventListener("beat", watch);
  opened.onmessage = (event) => {
    watch();
    told.onAnswer(JSON.parse(event.data));
  };
  opened.onerror = () => lost(opened);
}

function closeStream() {
  clearTimeout(silence);
  clearTimeout(reopening);
  source?.close();
  source = null;
}

// A line can be dead without saying so: a phone that changed masts.
function watch() {
  clearTimeout(silence);
  silence = setTimeout(() => lost(source), SILENCE_MS);
}

async function lost(opened) {
  if (opened !== source) return;
  closeStream();
  told.onLine(false);
  reopening = setTimeout(reopen, nextWait());
}

const nextWait = () => Math.min(1000 * 2 ** failures++, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);

async function reopen() {
  const { status } = await call("/chat/session");
  if (source) return;
  if (status !== 401) openStream();
  else if (await renew()) pump();
}
