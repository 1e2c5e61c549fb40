// The ward's chat as a button on another page:
//   <script src="https://…/chat/widget.js" data-label="Hỏi Trợ lý số" async></script>
(() => {
  const script = document.currentScript;
  if (!script || window.wardChat) return;
  window.wardChat = true;
  const home = new URL(script.src).origin;
  const label = script.dataset.label || "Hỏi Trợ lý số";
  const narrow = window.matchMedia("(max-width: 30rem)");
  let frame = null;

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483000",
    minHeight: "52px", padding: "0 22px", border: "2px solid #fff6dc", borderRadius: "26px",
    background: "#a3161d", color: "#fff", font: "600 17px/1.2 system-ui, sans-serif",
    boxShadow: "0 4px 16px rgba(0, 0, 0, .25)", cursor: "pointer",
  });

  function makeFrame() {
    const made = document.createElement("iframe");
    made.src = `${home}/?embed=1`;
    made.title = "Trợ lý số của phường";
    made.allow = `geolocation ${home}`;
    Object.assign(made.style, {
      position: "fixed", zIndex: "2147483000", border: "1px solid #dcd7cc", background: "#fff",
      boxShadow: "0 8px 40px rgba(0, 0, 0, .3)", display: "none",
    });
    place(made);
    document.body.append(made);
    return made;
  }

  // On a phone the chat takes the whole page but for the button that closes it.
  function place(made) {
    Object.assign(made.style, narrow.matches
      ? { inset: "0 0 80px 0", width: "100%", height: "calc(100% - 80px)", borderRadius: "0" }
      : { inset: "auto 16px 84px auto", width: "410px", height: "min(680px, calc(100vh - 104px))", borderRadius: "14px" });
  }

  function toggle(open) {
    frame ??= makeFrame();
    frame.style.display = open ? "block" : "none";
    button.textContent = open ? "Đóng khung chat" : label;
    button.setAttribute("aria-expanded", String(open));
    if (open) frame.focus();
    else button.focus();
  }

  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  button.addEventListener("click", () => toggle(!isOpen()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && isOpen() && toggle(false));
  narrow.addEventListener("change", () => frame && place(frame));
  const put = () => document.body.append(button);
  if (document.body) put();
  else document.addEventListener("DOMContentLoaded", put);
})();
