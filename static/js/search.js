// The search of the bar as a dialog: Ctrl+K, Cmd+K or "/" from anywhere. Without it, the form of the
// bar leads to the search page. A combobox with a listbox, as in WAI-ARIA: the focus stays in the
// input, arrows choose an option, Enter opens it, Escape closes.
const WAIT = 150;
const KEYS_OFF = "keys-off"; // see keyboard.js
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

const dialog = document.querySelector("[data-search]");
const input = dialog?.querySelector("[role=combobox]");
const list = dialog?.querySelector("[role=listbox]");
const status = dialog?.querySelector("[role=status]");

let timer;
let request;
let shown; // the text that the options are for
let isWaitingToOpen = false;

const options = () => [...list.querySelectorAll("[role=option]")];
const active = () => list.querySelector("[aria-selected=true]");

function open(text = "") {
  if (dialog.open) return;
  dialog.showModal();
  input.value = text;
  input.select();
  shown = undefined;
  ask();
}

async function ask() {
  clearTimeout(timer);
  request?.abort();
  const text = input.value.trim();
  if (text === shown) return;
  request = new AbortController();
  const { signal } = request;
  try {
    const address = `${dialog.dataset.search}?${new URLSearchParams({ q: text })}`;
    const answer = await fetch(address, { signal });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const html = await answer.text();
    if (!signal.aborted) show(text, html);
  } catch {
    if (!signal.aborted) say("The search did not work. Press Enter to try it on a page of its own.");
  }
}

function show(text, html) {
  shown = text;
  list.innerHTML = html;
  const count = options().length;
  list.hidden = count === 0;
  input.setAttribute("aria-expanded", String(count > 0));
  select(options()[0]);
  say(count ? `${count} ${count === 1 ? "result" : "results"}` : `Nothing found for “${text}”.`);
  status.classList.toggle("visually-hidden", count > 0);
  if (isWaitingToOpen) go();
}

function say(words) {
  status.textContent = words;
  status.classList.remove("visually-hidden");
}

function select(option) {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

function move(step) {
  const all = options();
  const place = all.indexOf(active()) + step;
  select(all[(place + all.length) % all.length]);
}

function go() {
  isWaitingToOpen = false;
  const option = active();
  if (!option) return input.form.submit();
  dialog.close();
  return option.click();
}

function pressed(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) input.form.submit();
  else if (event.key === "Enter") {
    // The options on the screen may be those of an earlier text.
    isWaitingToOpen = input.value.trim() !== shown;
    if (isWaitingToOpen) ask();
    else go();
  } else return;
  event.preventDefault();
}

function isShortcut(event) {
  if (event.isComposing || event.altKey) return false;
  if (event.key.toLowerCase() === "k") return (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (event.key !== "/" || event.ctrlKey || event.metaKey) return false;
  return localStorage.getItem(KEYS_OFF) === null && !event.target.matches(TYPING);
}

function start() {
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event)) return;
    event.preventDefault();
    open();
  });
  for (const opener of document.querySelectorAll("[data-search-open]")) {
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const key of document.querySelectorAll("[data-search-key]")) {
    if (isMac) key.textContent = "⌘ K";
    key.hidden = false;
  }
  input.addEventListener("input", () => {
    isWaitingToOpen = false;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", pressed);
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== active()) select(option);
  });
  list.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-search-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    request?.abort();
    isWaitingToOpen = false;
  });
}

if (dialog) start();
