// Keeps every [data-countdown] ticking; worded alike in core/templatetags/countdowns.py.
const SECOND = 1000;

export function countdownText(milliseconds) {
  const late = milliseconds <= 0;
  const seconds = Math.floor(Math.abs(milliseconds) / SECOND);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  let text = `${minutes}:${String(seconds % 60).padStart(2, "0")} min`;
  if (days) text = `${days} d ${hours % 24} h`;
  else if (hours) text = `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  else if (minutes >= 10 || late) text = `${minutes} min`;
  return late ? `${text} late` : `${text} left`;
}

function state(due, warn, now) {
  if (now >= due) return "late";
  return warn && now >= warn ? "soon" : "on_time";
}

function tick() {
  const now = Date.now();
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const due = Date.parse(clock.dataset.countdown);
    clock.dataset.state = state(due, Date.parse(clock.dataset.warn ?? ""), now);
    const text = countdownText(due - now);
    const place = clock.querySelector("[data-countdown-text]");
    if (place.textContent !== text) place.textContent = text;
  }
}

if (globalThis.document) {
  tick();
  setInterval(tick, SECOND);
  document.addEventListener("htmx:afterSwap", tick);
}
