// The list of the inbox and the lead open beside it: the open row is marked, a lead that is being
// changed for another answers no keys, and where there is no room beside the list a row is a link.
const work = () => document.querySelector("#work");
const isOpen = (row) => row.getAttribute("aria-current") === "true";

function mark(href) {
  for (const row of document.querySelectorAll("[data-opens]")) {
    if (row.getAttribute("href") === href) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// The row one stands on, as long as another lead is shown beside it.
function awaited() {
  const row = document.activeElement?.closest("[data-opens]");
  return row && !isOpen(row) && work().checkVisibility() ? row : null;
}

// A lead on its way may belong to a row that was left since; then the right one is still to come.
function wait() {
  if (awaited() || work()?.classList.contains("htmx-request")) work().setAttribute("aria-busy", "true");
  else work()?.removeAttribute("aria-busy");
}

document.addEventListener("focusin", (event) => {
  if (event.target.closest("[data-opens]")) wait();
});

// Asked here and not at `htmx:beforeRequest`, before which htmx drops what `#work` is waiting for.
document.addEventListener("htmx:confirm", (event) => {
  const row = event.target.closest("[data-opens]");
  if (!row) return;
  const byFocus = event.detail.triggeringEvent?.type === "focus";
  if (!work().checkVisibility()) {
    event.preventDefault();
    if (!byFocus) location.assign(row.href);
  } else if (byFocus && (isOpen(row) || document.activeElement !== row)) {
    event.preventDefault();
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target.id !== "work") return;
  const row = event.target.closest("[data-opens]");
  if (row && event.detail.successful) {
    // Messages about the previous lead have been read.
    if (!isOpen(row)) document.querySelector(".inbox-list .messages")?.remove();
    mark(row.getAttribute("href"));
  }
  wait();
});

// Whoever is quick stands on a row of a new list before htmx has taken notice of it.
document.addEventListener("htmx:afterSettle", () => {
  const row = awaited();
  if (row) htmx.trigger(row, "focus");
});

// An answer takes away the button that gave it: one goes on from the row that is open, which shows
// what was answered, else from the head of the list.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "inbox" || document.activeElement !== document.body) return;
  (event.target.querySelector("[data-opens][aria-current=true]") ?? event.target.querySelector("h1")).focus();
});
