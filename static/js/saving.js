// While #editor is saved and shown again: keep the focus, what was typed meanwhile, and what is open.
const TYPED = "[data-keep-typed] :is(input, textarea)[name]:not([type=hidden], [type=checkbox])";

let sent = new Map();
let focused = "";
let opened = [];

const typed = () => new Map([...document.querySelectorAll(TYPED)].map((control) => [control.id, control.value]));

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.target?.id === "editor") sent = typed();
});

let later = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "editor") return;
  focused = document.activeElement?.id ?? "";
  opened = [...document.querySelectorAll("#editor details[open] > summary[id]")].map((summary) => summary.id);
  later = [...typed()].filter(([id, value]) => sent.has(id) && sent.get(id) !== value);
});

document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.id !== "editor") return;
  for (const [id, value] of later) {
    const control = document.getElementById(id);
    if (!control) continue;
    control.value = value;
    control.addEventListener("blur", () => control.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
  }
  later = [];
  for (const id of opened) document.getElementById(id)?.parentElement.setAttribute("open", "");
  if (document.activeElement === document.body && focused) document.getElementById(focused)?.focus();
});
