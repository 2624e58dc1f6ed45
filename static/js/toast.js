// A message with a button floats for as long as its ring runs: not while the pointer or the focus is
// on it, both by css/toast.css. Then it lies down at the end of its column, and can still be used.
function float(message) {
  message.classList.add("toast");
  message.querySelector("[data-toast-ring]").addEventListener("animationend", () => {
    message.classList.remove("toast");
    message.parentElement.classList.add("is-past");
  });
}

function floatAll() {
  for (const message of document.querySelectorAll("[data-toast]:not(.toast)")) {
    if (!message.parentElement.classList.contains("is-past")) float(message);
  }
}

floatAll();
document.addEventListener("htmx:afterSettle", floatAll);
