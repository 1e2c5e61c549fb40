// Everything works without this script; with it, nothing that was typed gets lost, a second
// click does nothing, and what moves is seen to move.
"use strict";

const kept = "ward-kept:";

// What was typed stays in this tab until it is sent: an expired session or the back button loses nothing.
function keyOf(form, field) {
  return `${kept}${new URL(form.action).pathname}#${field.name}`;
}
function isKept(field) {
  return field.name && (field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && ["text", "search", "tel", "date"].includes(field.type)));
}
function keepForm(form) {
  if (form.method !== "post") return;
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    const held = sessionStorage.getItem(keyOf(form, field));
    if (held !== null && field.value === field.defaultValue && held !== field.value) {
      field.value = held;
      const around = field.closest("details");
      if (around) around.open = true;
    }
    field.addEventListener("input", () => sessionStorage.setItem(keyOf(form, field), field.value));
  }
}
function forgetForm(form) {
  for (const field of form.elements) if (isKept(field)) sessionStorage.removeItem(keyOf(form, field));
}
function forgetAll() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(kept)) sessionStorage.removeItem(key);
}

// The page a form led to says whether it was taken: only then is what was typed forgotten.
const sent = sessionStorage.getItem("ward-sent");
if (sent && !document.querySelector(".told.wrong")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(kept + sent + "#")) sessionStorage.removeItem(key);
}
sessionStorage.removeItem("ward-sent");

for (const form of document.forms) {
  if (form.querySelector("input[type=password]")) continue;
  keepForm(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.forget !== undefined) forgetAll();
  if (form.dataset.busy) { event.preventDefault(); return; }
  form.dataset.busy = "1";
  if (form.method === "post") sessionStorage.setItem("ward-sent", new URL(form.action).pathname);
  setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; }, 0);
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return; // come back by the back button: the forms may be sent again
  for (const form of document.forms) {
    delete form.dataset.busy;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

// A choice among filters is taken at once.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.dataset.auto !== undefined) form.requestSubmit();
});

// Ticks for all rows.
document.addEventListener("change", (event) => {
  const all = event.target.dataset.all;
  if (!all) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all)}"]`)) box.checked = event.target.checked;
});

// "Hoàn tác" counts down and goes.
for (const form of document.querySelectorAll("[data-undo]")) {
  const button = form.querySelector("button");
  let left = Number(form.dataset.undo);
  const label = button.textContent;
  const show = () => { button.textContent = `${label} (${left} giây)`; };
  show();
  const timer = setInterval(() => { left -= 1; if (left > 0) show(); else { clearInterval(timer); form.remove(); } }, 1000);
}

// Places that are written anew while one looks at them.
for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("piece", (event) => { place.innerHTML = event.data; });
  source.addEventListener("end", () => {
    source.close();
    const onward = place.querySelector("a[data-onward]"); // where what was waited for is to be seen
    if (onward) location.replace(onward.href);
  });
}

// A file may be dropped where it is asked for.
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A table wider than the screen can be moved by keyboard as well.
for (const region of document.querySelectorAll(".scroll")) {
  if (region.scrollWidth > region.clientWidth) {
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", region.querySelector("caption")?.textContent || "Bảng, kéo ngang để xem hết");
  }
}

// "/" goes to the search field, as in many programs; not while somebody writes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  const search = document.querySelector("input[type=search]");
  if (search) { event.preventDefault(); search.focus(); }
});

const wrong = document.querySelector("[data-focus]");
if (wrong) wrong.focus();

// Two minutes before the session ends, say so: going to any page prolongs it.
const idle = Number(document.body.dataset.idle);
if (idle) setTimeout(() => {
  const note = document.createElement("div");
  note.className = "told wrong";
  note.setAttribute("role", "alert");
  note.innerHTML = "<p>Phiên làm việc sắp hết vì không thao tác. </p>";
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Tiếp tục làm việc";
  note.firstChild.append(link);
  document.querySelector("main").prepend(note);
}, (idle - 120) * 1000);

// What stands in a form when it is sent is kept too: a preview comes back filled in, and the session may end there.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.querySelector("input[type=password]")) return;
  for (const field of form.elements) if (isKept(field) && field.value) sessionStorage.setItem(keyOf(form, field), field.value);
});

// On a phone the tabs and desks go beyond the edge: bring the one we are at into sight.
for (const here of document.querySelectorAll(".tabs [aria-current], .desks [aria-current]")) {
  const row = here.parentElement;
  row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.clientWidth) / 2;
}
