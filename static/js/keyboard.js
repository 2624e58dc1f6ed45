// Single keys, found by attributes:
//   data-key-list on the list, data-key-item on each row: j and k move between rows
//   data-key="a" on a link, button or summary: pressed within the current row, else on the page
//   data-pane on the part that shows the lead of a row: pressed on another row, a key of the pane
//   opens that row first
//   data-digits on a group, data-digit="1" to "9" on its choices: the key takes one, and sends
//   the form once it is complete
//   data-needs-note on a choice: sent once there is a note, then with the form's [data-chosen]
// The reader can switch them off with [data-keys-switch] (WCAG 2.1.4).
const OFF = "keys-off";
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const isOn = () => localStorage.getItem(OFF) === null;

// A part that is being replaced no longer answers.
function visible(elements) {
  return [...elements].filter((element) => element.checkVisibility() && !element.closest("[aria-busy=true]"));
}

function currentItem() {
  return document.activeElement?.closest("[data-key-item]");
}

function move(step) {
  const items = visible(document.querySelectorAll("[data-key-list] [data-key-item]"));
  if (!items.length) return;
  const opened = items.find((item) => item.querySelector("[aria-current=true]"));
  const place = items.indexOf(currentItem() ?? opened);
  const next = items[place < 0 ? 0 : Math.min(Math.max(place + step, 0), items.length - 1)];
  (next.querySelector("[data-key-focus]") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

// A key that waits for the lead of its row.
let pending = "";
document.addEventListener("htmx:afterSettle", (event) => {
  if (!pending || !event.target.matches("[data-pane]")) return;
  const key = pending;
  pending = "";
  press(key);
});

// Never a button of another row: a key answers the row one stands on, or what is in no row.
function press(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  const item = currentItem();
  const [target] = visible(document.querySelectorAll(wanted))
    .filter((element) => [null, item].includes(element.closest("[data-key-item]")))
    .sort((one, other) => Boolean(item?.contains(other)) - Boolean(item?.contains(one)));
  if (!target) return false;
  const closed = item?.querySelector("[data-opens]:not([aria-current=true])");
  if (closed && target.closest("[data-pane]")) {
    pending = key;
    closed.click();
    return true;
  }
  target.click();
  if (target.matches("summary")) enter(target.parentElement);
  return true;
}

function enter(panel) {
  if (!panel.open) return;
  panel.querySelector("button[data-digit]:enabled, input:not([type=hidden]):enabled, textarea, select")?.focus();
  panel.querySelector("form")?.scrollIntoView({ block: "nearest" });
}

function choose(digit) {
  const scope = document.activeElement?.closest("details, form") ?? document;
  const [choices] = visible(scope.querySelectorAll("[data-digits]"));
  const choice = choices?.querySelector(`[data-digit="${digit}"]`);
  if (!choice || choice.disabled) return false;
  choice.focus();
  choice.click();
  if (choice.type === "radio") choice.form.requestSubmit();
  return true;
}

function chooseForNote(event) {
  const choice = event.target.closest("[data-needs-note]");
  const note = choice?.form.querySelector("[data-note]");
  if (!note || note.value.trim()) return;
  event.preventDefault();
  event.stopPropagation();
  const send = choice.form.querySelector("[data-chosen]");
  send.value = choice.value;
  send.querySelector("[data-chosen-label]").textContent = ` as ${choice.dataset.needsNote}`;
  send.disabled = send.hidden = false;
  note.required = true;
  note.focus();
}

// In the capture phase: before htmx and the form take notice of the click.
document.addEventListener("click", chooseForNote, { capture: true });

function closeAround(element) {
  const panel = element?.closest("details[data-answer][open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeAround(event.target);
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches(TYPING)) return;
  let done = false;
  if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
    done = true;
  } else if (/^[1-9]$/.test(event.key)) done = choose(event.key);
  else if (event.key.length === 1) done = press(event.key);
  if (done) event.preventDefault();
});

for (const box of document.querySelectorAll("[data-keys-switch]")) {
  box.checked = isOn();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
  });
}
