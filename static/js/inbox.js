// The list of the inbox and the lead open beside it. The list is one tab stop with arrow keys, Home
// and End inside; moving opens nothing. A lead that is being changed for another answers no keys, and
// where there is no room beside the list a row is a link.
const work = () => document.querySelector("#work");
const rows = () => [...document.querySelectorAll("[data-opens]")];
const isOpen = (row) => row.getAttribute("aria-current") === "true";
const hasRoom = () => work().checkVisibility();

function mark(opened) {
  for (const row of rows()) {
    if (row === opened) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  rove(opened);
}

// Without this module every row is a tab stop.
function rove(stop) {
  const focused = document.activeElement?.closest("[data-opens]");
  stop ??= focused ?? rows().find(isOpen) ?? rows()[0];
  for (const row of rows()) row.tabIndex = row === stop ? 0 : -1;
  for (const button of document.querySelectorAll(".offer-accept")) button.tabIndex = -1;
}

function neighbor(row, key) {
  const all = rows();
  const place = all.indexOf(row);
  const places = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: all.length - 1 };
  return key in places ? (all[places[key]] ?? row) : undefined;
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-opens]");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") row.classList.add("rule-off");
  const next = event.key === " " ? row : neighbor(row, event.key);
  if (!next) return;
  event.preventDefault();
  if (event.key === " ") row.click();
  else next.focus();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-opens]");
  if (!row) return;
  row.classList.remove("rule-off");
  rove(row);
});

// Asked here and not at `htmx:beforeRequest`, before which htmx drops what `#work` is waiting for.
document.addEventListener("htmx:confirm", (event) => {
  const row = event.target.closest("[data-opens]");
  if ((!row && event.target !== work()) || hasRoom()) return;
  event.preventDefault();
  if (row) location.assign(row.href);
});

function wait() {
  if (work()?.classList.contains("htmx-request")) work().setAttribute("aria-busy", "true");
  else work()?.removeAttribute("aria-busy");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === work()) work().setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target !== work()) return;
  const row = event.target.closest("[data-opens]");
  if (row && event.detail.successful) {
    // Messages about the previous lead have been read.
    if (!isOpen(row)) document.querySelector(".inbox-list .messages")?.remove();
    mark(row);
  }
  wait();
});

// One goes on from the heading of the lead that opens, unless one has gone elsewhere meanwhile.
let isAwaited = false;
function goToHeading() {
  const { activeElement } = document;
  if (activeElement === document.body || activeElement.closest("[data-opens][aria-current=true]")) {
    work().querySelector("h2")?.focus();
  }
}

function announce() {
  const text = document.querySelector("[data-announcement]")?.dataset.announcement;
  if (text) document.querySelector("[data-announcer]").textContent = text;
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event;
  if (target.id === "inbox") {
    // An answer takes away the button that gave it.
    announce();
    isAwaited = hasRoom() && rows().length > 0;
    if (!isAwaited && document.activeElement === document.body) target.querySelector("h1").focus();
  } else if (target === work()) {
    target.scrollTop = 0;
    if (isAwaited || event.detail.elt?.matches?.("[data-opens]")) goToHeading();
    isAwaited = false;
  }
  rove();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens]")) isAwaited = true;
});

// A lead that did not arrive while the server was away is fetched once it is back.
document.addEventListener("recovered", () => {
  if (!work()?.querySelector("article")) htmx.trigger(work(), "retry");
});

rove();
