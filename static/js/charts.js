// The points of a chart ([data-chart], [data-point]) are one tab stop: left and right, Home and End
// move between them, up and down between rows. Escape hides the values until one moves on.
const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

function neighbor(point, points, key) {
  if (key in MOVES) {
    const place = Math.max(0, points.indexOf(point) + MOVES[key]);
    return points[Math.min(place, points.length - 1)];
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const row = point.closest("tr");
  const rows = [...new Set(points.map((other) => other.closest("tr")))];
  const other = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  const place = points.filter((of) => of.closest("tr") === row).indexOf(point);
  const beside = points.filter((of) => other && of.closest("tr") === other);
  return beside[Math.min(place, beside.length - 1)];
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const chart of document.querySelectorAll("[data-chart]:is(:hover, :focus-within)")) chart.dataset.dismissed = "";
    return;
  }
  const point = event.target.closest?.("[data-point]");
  if (!point || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const next = neighbor(point, [...point.closest("[data-chart]").querySelectorAll("[data-point]")], event.key);
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: false });
});

document.addEventListener("focusin", ({ target }) => {
  const chart = target.closest("[data-chart]");
  if (!chart || !target.matches("[data-point]")) return;
  for (const point of chart.querySelectorAll("[data-point]")) point.setAttribute("tabindex", point === target ? "0" : "-1");
  delete chart.dataset.dismissed;
});

document.addEventListener("pointerover", ({ target }) => {
  const chart = target.closest("[data-point]")?.closest("[data-chart]");
  if (chart) delete chart.dataset.dismissed;
});
