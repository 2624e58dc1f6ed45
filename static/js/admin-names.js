// Names the boxes that select2 draws, which read out nothing but their value.
const BOXES = ".select2-selection, .select2-search__field";

function name(box) {
  const select = box.closest(".select2-container")?.previousElementSibling;
  const label = select?.labels?.[0];
  if (!label) return;
  const text = label.textContent.replace(/[\s*:]+$/, "").trim();
  if (box.matches("input")) {
    box.setAttribute("aria-label", text);
    return;
  }
  label.id ||= `${select.id}-label`;
  const value = box.querySelector(".select2-selection__rendered");
  value.removeAttribute("role");
  value.removeAttribute("aria-readonly");
  box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
}

new MutationObserver(() => document.querySelectorAll(BOXES).forEach(name)).observe(
  document.documentElement, { childList: true, subtree: true },
);
