// Pause automatic refreshes (data-live) while the user types or selects in their target,
// and show an error when a request fails.
const notice = document.querySelector("[data-connection]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (!elt.matches("[data-live]")) return;
  const isBusy = target.querySelector("details[data-answer][open], :popover-open, input:focus, textarea:focus, select:focus");
  if (isBusy || document.hidden) event.preventDefault();
});

const words = notice?.querySelector("span");
const usual = words?.textContent;

function say(isFailing, text = usual) {
  if (!notice) return;
  if (words) words.textContent = text;
  notice.hidden = !isFailing;
}

// Asks every few seconds whether the server is back, and takes the error away when it is.
let timer;
function waitForServer() {
  say(true);
  timer ??= setInterval(ask, 3000);
}

async function ask() {
  const isBack = await fetch("/health/ready/", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  if (!isBack) return;
  clearInterval(timer);
  timer = undefined;
  say(false);
  refresh();
  document.dispatchEvent(new CustomEvent("recovered"));
}

// Catch up after the server was away, or the page in the background.
function refresh() {
  for (const part of document.querySelectorAll("[data-live]")) globalThis.htmx?.trigger(part, "refresh");
}
globalThis.addEventListener("online", ask);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

// A refresh by itself does not take away the error of an answer.
let isErrorOfUser = false;
function isOfUser({ detail }) {
  return ![undefined, "load", "refresh"].includes(detail.requestConfig?.triggeringEvent?.type);
}

document.addEventListener("htmx:sendError", waitForServer);
document.addEventListener("htmx:timeout", waitForServer);
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  isErrorOfUser = isOfUser(event);
  const isPlain = xhr.getResponseHeader?.("Content-Type")?.startsWith("text/plain");
  if (xhr.status === 503) waitForServer();
  else say(true, isPlain ? xhr.responseText : usual);
});
// Of a refusal, too, htmx says that it was loaded; 422 is a form that says itself what is wrong.
document.addEventListener("htmx:afterOnLoad", (event) => {
  const { status } = event.detail.xhr;
  if ((status < 400 || status === 422) && (isOfUser(event) || !isErrorOfUser)) say(false);
});
