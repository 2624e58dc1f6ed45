// The text typed into an answer survives a session that ended meanwhile: it is kept as the form is
// sent, and restored on the page to which signing in leads the same person back. Any other page, and
// any other response to the form, forgets it.
const KEY = "draft";
const reader = document.querySelector("[data-reader]")?.dataset.reader;
const cameFromSignIn = new URL(document.referrer || location.href).pathname.startsWith("/sign-in/");
let draft = cameFromSignIn ? JSON.parse(sessionStorage.getItem(KEY)) : null;
if (draft?.reader !== reader) draft = null;
sessionStorage.removeItem(KEY);

function restore() {
  const form = draft && document.querySelector(`details[data-answer] form[action="${CSS.escape(draft.action)}"]`);
  if (!form) return;
  for (const [name, value] of draft.fields) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden], button)`)) {
      if (!field.matches("[type=radio], [type=checkbox]")) field.value = value;
      else if (field.value === value) field.checked = true;
    }
  }
  form.closest("details").open = true;
  draft = null;
}

document.addEventListener("submit", ({ target }) => {
  if (!target.closest("details[data-answer]")) return;
  const fields = [...new FormData(target)].filter(([name]) => name !== "csrfmiddlewaretoken");
  sessionStorage.setItem(KEY, JSON.stringify({ reader, action: target.getAttribute("action"), fields }));
}, { capture: true });
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb !== "get" && !detail.xhr.getResponseHeader("HX-Redirect")) sessionStorage.removeItem(KEY);
});
document.addEventListener("htmx:afterSettle", restore);
restore();
