// Tables of rows, found by attributes:
//   data-rows on a table: a click anywhere in a row follows its link ([data-key-focus])
//   data-select-all: the box in the head selects the rows; data-selection: the form that they belong to,
//   shown while rows are selected; data-selected-count says how many;
//   data-select-matching: the choice of all rows that match, shown once the page is selected
const BOXES = "input[type=checkbox][name=lead]";
const CONTROLS = "a, button, input, label, select, summary, textarea";

function boxesOf(form) {
  return [...document.querySelectorAll(BOXES)].filter((box) => box.form === form);
}

function show(form) {
  const boxes = boxesOf(form);
  const count = boxes.filter((box) => box.checked).length;
  const matching = form.querySelector("[data-select-matching]");
  const everything = matching?.querySelector("input");
  const isWhole = count > 0 && count === boxes.length;
  form.hidden = count === 0;
  if (matching) matching.hidden = !isWhole;
  if (everything && !isWhole) everything.checked = false;
  const words = form.querySelector("[data-selected-count]");
  if (words) words.textContent = everything?.checked ? "All that match" : `${count} selected`;
  for (const box of document.querySelectorAll("[data-select-all]")) {
    if (!box.closest("table").contains(boxes[0])) continue;
    box.hidden = false;
    box.checked = isWhole;
    box.indeterminate = count > 0 && !isWhole;
  }
}

function showAll() {
  for (const form of document.querySelectorAll("[data-selection]")) show(form);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-select-all]")) {
    for (const box of target.closest("table").querySelectorAll(BOXES)) box.checked = target.checked;
    showAll();
  } else if (target.form?.matches("[data-selection]")) show(target.form);
});

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-rows] tbody tr");
  if (!row || event.target.closest(CONTROLS) || event.button !== 0) return;
  if (!getSelection().isCollapsed) return;
  const box = event.target.closest(".cell-tick")?.querySelector("input");
  const target = box ?? row.querySelector("[data-key-focus]");
  if (target?.href && (event.ctrlKey || event.metaKey)) open(target.href, "_blank", "noopener");
  else target?.click();
});

document.addEventListener("htmx:afterSettle", showAll);
// The browser fills in boxes that were selected before a reload or on the way back.
addEventListener("pageshow", showAll);
showAll();
