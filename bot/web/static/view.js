// How a message looks. Text is only ever text: nothing here writes markup.

const LINK = /https:\/\/[^\s<>"'“”‘’]+/g;
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
  const element = make("div", { className: "say" }, aside("Trợ lý số: "), make("div", { className: "bubble" }, words));
  if (entry.choices.length) element.append(choices(entry, actions));
  element.append(make("p", { className: "foot" }, moment(entry.at)));
  element.dataset.key = entry.key;
  return element;
}

function choices(entry, actions) {
  const group = make("div", { className: "choices" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Lựa chọn");
  entry.choices.forEach((choice, index) => {
    const number = make("span", { className: "number" }, String(index + 1));
    const button = make("button", { type: "button" }, number, " ", make("span", {}, choice.label));
    button.addEventListener("click", () => actions.choose(choice));
    group.append(button);
  });
  return group;
}

function mine(entry, actions) {
  const inside = make("div", { className: "bubble" }, pictures(entry));
  if (entry.place) inside.append(make("p", { className: "words" }, "Vị trí của tôi"));
  if (entry.words) inside.append(make("p", { className: "words" }, ...linked(entry.words)));
  const element = make("div", { className: `say mine ${entry.state}` }, aside("Anh/chị: "), inside);
  element.append(make("p", { className: "foot" }, ...foot(entry)));
  if (entry.state === "refused") element.append(repair(entry, actions));
  element.dataset.key = entry.key;
  return element;
}

function pictures(entry) {
  if (!entry.photos) return "";
  const shown = (entry.thumbs ?? []).map((src) => make("img", { src, alt: "Ảnh anh/chị gửi" }));
  return make("div", { className: "pictures" }, ...(shown.length ? shown : [`${entry.photos} ảnh`]));
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
    parts.push(text.slice(from, found.index), link(href));
    from = found.index + href.length;
  }
  return [...parts, text.slice(from)].filter(Boolean);
}

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
