// Says on what scrolls sideways ([data-scroll]) at which edges there is more: data-more="start end".
function mark(box) {
  const left = Math.abs(box.scrollLeft);
  const edges = [];
  if (left > 1) edges.push("start");
  if (left + box.clientWidth < box.scrollWidth - 1) edges.push("end");
  box.dataset.more = edges.join(" ");
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));

function watch() {
  for (const box of document.querySelectorAll("[data-scroll]:not([data-more])")) {
    box.addEventListener("scroll", () => mark(box), { passive: true });
    sizes.observe(box);
    mark(box);
  }
}

watch();
document.addEventListener("htmx:afterSettle", watch);
