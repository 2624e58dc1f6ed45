// A form with [data-unsaved] that was changed: ask before the page is left without saving it.
let isLeaving = false;

const changed = () => document.querySelector('form[data-unsaved="yes"]');

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-unsaved]")) form.dataset.unsaved = "yes";
});
document.addEventListener("submit", (event) => {
  isLeaving = event.target.matches("[data-unsaved]");
});
document.addEventListener("click", (event) => {
  isLeaving = Boolean(event.target.closest?.("[data-leave]"));
});
addEventListener("beforeunload", (event) => {
  if (changed() && !isLeaving) event.preventDefault();
});
