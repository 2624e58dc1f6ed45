// The rules or reasons in [data-rules]: move them by dragging. Buttons do the same without this file.
const list = () => document.querySelector("[data-rules] .rules");

let dragged = null;

document.addEventListener("pointerdown", (event) => {
  const rule = event.target.closest?.("[data-handle]")?.closest("[data-rule]");
  if (rule) rule.draggable = true;
});

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-rule][draggable=true]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("rule-dragged");
});

function ruleAfter(y) {
  const rules = [...list().children].filter((rule) => rule !== dragged);
  return rules.find((rule) => {
    const { top, height } = rule.getBoundingClientRect();
    return y < top + height / 2;
  });
}

document.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  list().querySelectorAll(".rule-drop").forEach((rule) => rule.classList.remove("rule-drop"));
  ruleAfter(event.clientY)?.classList.add("rule-drop");
});

document.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const next = ruleAfter(event.clientY);
  const form = dragged.querySelector("[data-move]");
  const place = next ? { before: next.dataset.rule } : { to: "last" };
  const values = { ...Object.fromEntries(new FormData(form)), ...place };
  window.htmx.ajax("POST", form.getAttribute("action"), { values, target: "#editor", swap: "outerHTML show:none" });
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("rule-dragged");
  list()?.querySelectorAll(".rule-drop").forEach((rule) => rule.classList.remove("rule-drop"));
  if (dragged) dragged.draggable = false;
  dragged = null;
});
