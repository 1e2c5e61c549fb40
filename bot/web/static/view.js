// How a message looks. Text is only ever text: nothing here writes markup.

const LINK = /https:\/\/[^\s<>"'“”‘’]+/g;
const CODE = /([A-Z0-9]{2,6}(?:-[A-Z0-9]{1,6})+)/; // PA26-0001-7: read out and copied in one piece
const ZONE = "Asia/Ho_Chi_Minh";
const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("vi-VN", { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });

export function make(tag, options = {}, ...children) {
  const element = Object.assign(document.createElement(tag), options);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

export function bubble(entry, actions) {
  return entry.mine ? mine(entry, actions) : theirs(entry, actions);
}

function theirs(entry, actions) {
  const words = make("p", { className: "words" });
  for (const { text, bold } of entry.text) words.append(bold ? make("strong", {}, ...linked(text)) : span(linked(text)));
  const inside = make("div", { className: "bubble" }, photos(entry.pictures ?? [], actions), words);
  const element = make("div", { className: "say" }, aside("Trợ lý số: "), inside);
  if (entry.choices.length) element.append(choices(entry, actions));
  element.append(make("p", { className: "foot" }, moment(entry.at)));
  element.dataset.key = entry.key;
  return element;
}

// Photos of the ward. Their frames have a size of their own, so that nothing jumps when they come.
function photos(addresses, actions) {
  if (!addresses.length) return "";
  return make("div", { className: "photos" }, ...addresses.map((src, index) => {
    const alt = addresses.length > 1 ? `Ảnh phường gửi, ${index + 1} trên ${addresses.length}` : "Ảnh phường gửi";
    const image = make("img", { loading: "lazy", decoding: "async", alt, src });
    const button = make("button", { type: "button", title: "Xem ảnh lớn" }, image);
    button.addEventListener("click", () => actions.look(src, alt));
    image.addEventListener("error", () => button.replaceWith(make("p", { className: "gone" }, "Ảnh này không còn xem được.")));
    return button;
  }));
}

// A typed number means the newest list; `numbered` tells that these choices are such a list.
function choices(entry, actions) {
  const group = make("div", { className: "choices" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Lựa chọn");
  if (entry.numbered) group.append(make("p", { className: "hint" }, "Chọn hoặc gõ số:"));
  entry.choices.forEach((choice, index) => {
    const number = entry.numbered ? make("span", { className: "number" }, `${index + 1}.`) : "";
    const button = make("button", { type: "button" }, number, " ", make("span", {}, choice.label));
    button.addEventListener("click", () => actions.choose(choice));
    group.append(button);
  });
  return group;
}

function mine(entry, actions) {
  const inside = make("div", { className: "bubble" }, pictures(entry));
  if (entry.place) inside.append(make("p", { className: "words" }, "Vị trí của tôi", note(entry.place)));
  if (entry.words) inside.append(make("p", { className: "words" }, ...linked(entry.words)));
  if (!inside.hasChildNodes()) inside.append(make("p", { className: "gone" }, "Ảnh đã được bỏ ra."));
  const element = make("div", { className: `say mine ${entry.state}` }, aside("Anh/chị: "), inside);
  if (entry.note) element.append(make("p", { className: "note" }, entry.note));
  element.append(make("p", { className: "foot" }, ...foot(entry)));
  if (entry.state === "refused") element.append(repair(entry, actions));
  element.dataset.key = entry.key;
  return element;
}

function pictures(entry) {
  if (!entry.photos) return "";
  const shown = (entry.thumbs ?? []).filter(Boolean).map((src) => make("img", { src, alt: "Ảnh anh/chị gửi" }));
  return make("div", { className: "pictures" }, ...(shown.length ? shown : [`${entry.photos} ảnh`]));
}

function note({ latitude, longitude, accuracy }) {
  if (latitude === undefined) return "";
  const where = [latitude, longitude].map((degrees) => degrees.toFixed(5)).join(", ");
  return make("small", {}, `${where}, sai số khoảng ${Math.ceil(accuracy)} m`);
}

function foot(entry) {
  if (entry.state === "refused") return [entry.error || "Tin này chưa gửi được."];
  return entry.state === "sending" ? ["Đang gửi…"] : [moment(entry.at)];
}

function repair(entry, actions) {
  const edit = make("button", { type: "button", className: "quiet" }, "Sửa lại");
  const drop = make("button", { type: "button", className: "quiet" }, "Bỏ tin này");
  edit.addEventListener("click", () => actions.edit(entry));
  drop.addEventListener("click", () => actions.drop(entry));
  return make("div", { className: "repair" }, ...(entry.words ? [edit] : []), drop);
}

function moment(at) {
  const when = new Date(at);
  const today = day.format(when) === day.format(new Date());
  const words = today ? clock.format(when) : `${clock.format(when)}, ${day.format(when)}`;
  return make("time", { dateTime: when.toISOString() }, words);
}

// Cut *text* into strings and links. A full stop behind an address belongs to the sentence.
function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const href = found[0].replace(/[.,;:!?)\]…]+$/, "");
    if (!valid(href)) continue;
    parts.push(...unbroken(text.slice(from, found.index)), link(href));
    from = found.index + href.length;
  }
  return [...parts, ...unbroken(text.slice(from))].filter(Boolean);
}

// Codes stand at the odd places of what is split by them.
const unbroken = (text) => text.split(CODE).map((part, index) => (index % 2 ? make("span", { className: "code" }, part) : part));

function valid(href) {
  try {
    return new URL(href).protocol === "https:";
  } catch {
    return false;
  }
}

const link = (href) => make("a", { href, target: "_blank", rel: "noopener noreferrer" }, href);
const span = (children) => make("span", {}, ...children);
const aside = (words) => make("span", { className: "aside" }, words);
