// The page: what a resident does here, and what is shown for it.

import * as pick from "./pick.js";
import * as store from "./store.js";
import { bubble, make } from "./view.js";
import * as wire from "./wire.js";

const MOST_PHOTOS = 5;
const at = (id) => document.getElementById(id);
const [log, scroll, form, words, tray, state, down, waiting] =
  ["log", "scroll", "form", "words", "tray", "state", "down", "waiting"].map(at);

let picked = []; // { blob, thumb, ready }
let lastReady = Promise.resolve(); // photos are made small one after another: a phone has little memory
let patience = [];
let notice = 0;
let heard = 0;
let offLine = 0;
let following = true; // the end of the list is in sight, and stays so when room is lost to a keyboard

const actions = {
  choose: (choice) => say({ text: choice.say, label: choice.label }, choice.label),
  edit(entry) {
    words.value = entry.words;
    fit();
    words.focus();
    actions.drop(entry);
  },
  drop(entry) {
    store.dropEntry(entry.key);
    find(entry.key)?.remove();
  },
  look(src, alt) {
    Object.assign(at("look-photo"), { src, alt });
    at("look").showModal();
  },
};

// ---- what is shown

const find = (key) => [...log.children].find((element) => element.dataset.key === key);
const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
const toEnd = () => scroll.scrollTo({ top: scroll.scrollHeight });

function show(entry) {
  const element = bubble(entry, actions);
  const before = find(entry.key);
  if (before) before.replaceWith(element);
  else log.append(element);
  return element;
}

function onScroll() {
  following = nearEnd();
  if (following) down.hidden = true;
}

function showAll() {
  log.setAttribute("aria-busy", "true");
  log.replaceChildren(...store.entries().map((entry) => bubble(entry, actions)));
  toEnd();
  log.setAttribute("aria-busy", "false");
}

function change(key, values) {
  const follow = nearEnd();
  const entry = store.changeEntry(key, values);
  if (entry) show(entry);
  if (entry && follow) toEnd();
  return entry;
}

// A long answer is read from its beginning; who is reading further up is not torn away.
function bringIntoView(element, follow) {
  if (!follow) down.hidden = false;
  else if (element.offsetHeight > scroll.clientHeight) scroll.scrollTo({ top: element.offsetTop - 8 });
  else toEnd();
}

function tell(sentence, forMs = Math.max(8000, 120 * sentence.length)) { // long enough to be read
  clearTimeout(notice);
  state.textContent = sentence;
  notice = setTimeout(() => (state.textContent = ""), forMs);
}

function expect() {
  stopExpecting();
  const show = (sentence) => {
    const follow = nearEnd();
    at("waiting-words").textContent = sentence;
    waiting.hidden = false;
    if (follow) toEnd();
  };
  patience = [
    setTimeout(show, 700, "Trợ lý số đang trả lời…"),
    setTimeout(show, 8000, "Dạ, đang tra cứu, anh/chị vui lòng đợi trong giây lát…"),
    setTimeout(stopExpecting, 40_000),
  ];
}

function stopExpecting() {
  patience.forEach(clearTimeout);
  waiting.hidden = true;
}

// ---- what comes in

function onAnswer(answer) {
  if (!store.isNew(answer.id)) return;
  const follow = nearEnd();
  stopExpecting();
  heard = Date.now();
  const { id, words: text, lines, photos: pictures } = answer;
  const choices = answer.choices.map(({ label, say }, index) => ({ label: lines[index] ?? label, say }));
  const entry = { key: `d-${id}`, text, choices, numbered: lines.length > 0, pictures, at: answer.at ?? now() };
  store.keepEntry(entry);
  bringIntoView(show(entry), follow);
}

// A line that is back within a second and a half was never worth a word.
function onLine(there) {
  clearTimeout(offLine);
  clearTimeout(notice);
  if (there) state.textContent = "";
  else offLine = setTimeout(() => (state.textContent = "Mất kết nối, đang nối lại… Tin anh/chị viết vẫn được giữ."), 1500);
}

// Inside another site's page a browser may refuse us our cookie; on a page of our own it does not.
function onBlocked() {
  clearTimeout(offLine);
  clearTimeout(notice);
  const link = make("a", { href: "/", target: "_blank", rel: "noopener" }, "Mở trang trò chuyện riêng");
  state.replaceChildren("Trình duyệt đang chặn cookie nên chưa trò chuyện được ở đây. ", link, ".");
}

// The answer may overtake the word that the question has arrived; a repeated greeting has none.
function onTaken(id) {
  const entry = change(`m-${id}`, { state: "sent" });
  if (entry && heard < Date.parse(entry.at)) expect();
}

// Told in the message itself, and not kept: a reload begins with the photo that is missing.
function onPhoto(id, number, of) {
  const foot = find(`m-${id}`)?.querySelector(".foot");
  if (foot) foot.textContent = of > 1 ? `Đang gửi ảnh ${number}/${of}…` : "Đang gửi ảnh…";
}

// What the ward did not take is not kept here either, least of all the picture of a card.
function onPhotoLost(id, index, error) {
  const entry = store.entries().find((other) => other.key === `m-${id}`);
  if (!entry) return;
  const notes = new Set([...(entry.note ?? "").split("\n"), error].filter(Boolean));
  const thumbs = (entry.thumbs ?? []).filter((_, place) => place !== index);
  change(entry.key, { photos: entry.photos - 1, thumbs, note: [...notes].join("\n") });
}

// ---- what goes out

const now = () => new Date().toISOString();

function say(body, shown, { blobs = [], thumbs = [], place = null, hidden = false, id = store.newId() } = {}) {
  const entry = { key: `m-${id}`, mine: true, words: shown, at: now(), state: "sending", place };
  if (!hidden) {
    store.keepEntry({ ...entry, photos: blobs.length, thumbs });
    show({ ...entry, photos: blobs.length, thumbs });
    toEnd();
  }
  wire.enqueue({ id, ...body }, blobs);
}

async function submit() {
  const text = words.value.trim();
  const along = picked;
  if (!text && !along.length) return;
  words.value = "";
  picked = [];
  fit();
  showTray();
  const slow = setTimeout(tell, 300, "Đang chuẩn bị ảnh…", 60_000);
  await Promise.all(along.map((item) => item.ready));
  clearTimeout(slow);
  if (along.length) tell("");
  say({ text }, text, { blobs: along.map((item) => item.blob), thumbs: along.map((item) => item.thumb) });
}

async function sendPlace() {
  const button = at("place");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true"); // not `disabled`: the keyboard would lose its place
  tell("Đang lấy vị trí…", 60_000);
  try {
    const place = await pick.place();
    const { latitude, longitude } = place;
    say({ text: "", place: { latitude, longitude } }, "", { place });
    tell("");
  } catch (sentence) {
    tell(sentence);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// ---- the box, the tray

function fit() {
  words.style.height = "";
  if (words.value) words.style.height = `${words.scrollHeight + 3}px`;
  store.put("draft", words.value);
}

function showTray() {
  tray.hidden = !picked.length;
  tray.replaceChildren(...picked.map(chip));
}

function chip(item) {
  const drop = make("button", { type: "button" }, "Bỏ", make("span", { className: "aside" }, " ảnh này"));
  drop.addEventListener("click", () => {
    picked = picked.filter((other) => other !== item);
    showTray();
    at("photo").focus();
  });
  return make("div", {}, item.thumb ? make("img", { src: item.thumb, alt: "Ảnh sắp gửi" }) : make("i"), drop);
}

function addPhotos(files) {
  for (const file of files) {
    if (picked.length >= MOST_PHOTOS) {
      tell(`Mỗi tin gửi được nhiều nhất ${MOST_PHOTOS} ảnh.`);
      break;
    }
    const item = { blob: file, thumb: "" };
    item.ready = lastReady.then(() => pick.photo(file)).then((made) => Object.assign(item, made)).then(showTray);
    lastReady = item.ready;
    picked.push(item);
  }
  showTray();
  at("send").focus(); // not the box: on a phone its keyboard would cover the photos
}

// ---- beginning, and beginning anew

function greet() {
  if (store.get("greeted", false)) return;
  store.put("greeted", true);
  say({ text: "/batdau" }, "", { hidden: true, id: "batdau" });
}

// A code on a poster leads straight to its procedure; a reload does not ask again.
function followPoster() {
  const address = new URL(location.href);
  const code = address.searchParams.get("tthc") ?? "";
  if (!address.searchParams.has("tthc")) return;
  address.searchParams.delete("tthc");
  history.replaceState(null, "", address);
  if (/^\d\.\d{6}(\.[A-Z0-9]{1,10})?$/.test(code)) say({ text: `/start tthc_${code}` }, `Xem thủ tục ${code}`);
}

function erase() {
  at("ask").close();
  store.forget();
  picked = [];
  words.value = "";
  stopExpecting();
  showTray();
  showAll();
  wire.leave();
  greet();
  words.focus();
}

function enlarge(on) {
  document.documentElement.classList.toggle("big", on);
  at("big").setAttribute("aria-pressed", String(on));
  store.put("big", on);
  fit();
  if (following) toEnd();
}

function listen() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (words.value) words.focus(); // who wrote goes on writing; who sent photos sees the answer
    submit();
  });
  words.addEventListener("input", fit);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  at("photo").addEventListener("click", () => at("file").click());
  at("file").addEventListener("change", (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    addPhotos(files);
  });
  at("place").addEventListener("click", sendPlace);
  at("big").addEventListener("click", () => enlarge(at("big").getAttribute("aria-pressed") !== "true"));
  at("erase").addEventListener("click", () => at("ask").showModal());
  at("ask-no").addEventListener("click", () => at("ask").close());
  at("ask-yes").addEventListener("click", erase);
  at("look").addEventListener("click", () => at("look").close());
  down.addEventListener("click", toEnd);
  scroll.addEventListener("scroll", onScroll, { passive: true });
  new ResizeObserver(() => following && toEnd()).observe(scroll);
}

function begin() {
  at("bottom").hidden = false;
  at("big").hidden = false;
  at("place").hidden = !pick.canPlace();
  words.value = store.get("draft", "");
  enlarge(store.get("big", false));
  listen();
  store.onOtherTab("log", showAll);
  showAll();
  greet();
  followPoster();
  const onRefused = (id, error) => change(`m-${id}`, { state: "refused", error });
  wire.start({ onLine, onTaken, onAnswer, onBlocked, onRefused, onPhoto, onPhotoLost });
}

begin();
