// Parts that refresh themselves (data-live) wait while somebody is writing or choosing in them,
// and a request that failed is said out loud instead of being swallowed.
const notice = document.querySelector("[data-connection]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (!part.matches("[data-live]")) return;
  const isBusy = part.querySelector("details[open], :popover-open, input:focus, textarea:focus, select:focus");
  if (isBusy || document.hidden) event.preventDefault();
});

function say(isFailing) {
  if (notice) notice.hidden = !isFailing;
}

document.addEventListener("htmx:sendError", () => say(true));
document.addEventListener("htmx:responseError", () => say(true));
document.addEventListener("htmx:afterOnLoad", () => say(false));
