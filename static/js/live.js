// Pause automatic refreshes (data-live) while the user types or selects in their target,
// and show an error when a request fails.
const notice = document.querySelector("[data-connection]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (!elt.matches("[data-live]")) return;
  const isBusy = target.querySelector("details[data-answer][open], :popover-open, input:focus, textarea:focus, select:focus");
  if (isBusy || document.hidden) event.preventDefault();
});

function say(isFailing) {
  if (notice) notice.hidden = !isFailing;
}

document.addEventListener("htmx:sendError", () => say(true));
document.addEventListener("htmx:responseError", () => say(true));
// Of a refusal, too, htmx says that it was loaded; 422 is a form that says itself what is wrong.
document.addEventListener("htmx:afterOnLoad", (event) => {
  const { status } = event.detail.xhr;
  if (status < 400 || status === 422) say(false);
});
