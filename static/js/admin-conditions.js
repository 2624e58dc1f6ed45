// Condition rows in the admin: operators that fit the field, and a typed editor for the value.
// The form always sends the row's text input, so the page also works without this file.

const catalog = JSON.parse(
  document.getElementById("criteria-catalog")?.textContent ?? "null",
);

const split = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);

function parts(row) {
  const find = (kind, name) => row.querySelector(`${kind}[name$="-${name}"]`);
  const field = find("select", "field");
  const operator = find("select", "operator");
  const value = find("input", "value");
  return field && operator && value ? { field, operator, value } : null;
}

function make(tag, source, properties = {}) {
  return Object.assign(document.createElement(tag), { className: source.className, ...properties });
}

function option(value, label, selected = false) {
  return new Option(label, value, selected, selected);
}

function offerOperators({ field, operator }) {
  const type = catalog.fields[field.value]?.type;
  const chosen = operator.value;
  const fitting = Object.entries(catalog.operators).filter(([, one]) => one.fits.includes(type));
  operator.replaceChildren(...fitting.map(([code, one]) => option(code, one.label, code === chosen)));
  operator.disabled = fitting.length === 0;
}

function chooseOne(choices, { operator, value }) {
  const select = make("select", operator, { ariaLabel: "Value" });
  const known = choices.some(([code]) => code === value.value);
  select.append(option("", "Choose a value", !known));
  select.append(...choices.map(([code, label]) => option(code, label, code === value.value)));
  select.addEventListener("change", () => { value.value = select.value; });
  if (!known) value.value = "";
  return [select];
}

function chooseSeveral(choices, { operator, value }) {
  const labels = new Map(choices);
  const chips = document.createElement("span");
  chips.className = "criteria-editor";
  const select = make("select", operator, { ariaLabel: "Add a value" });
  const draw = (codes) => {
    value.value = codes.join(", ");
    chips.replaceChildren(...codes.map((code) => chip(labels.get(code), () => draw(codes.filter((one) => one !== code)))));
    const rest = choices.filter(([code]) => !codes.includes(code));
    select.replaceChildren(option("", "Add a value"), ...rest.map(([code, label]) => option(code, label)));
  };
  select.addEventListener("change", () => { if (select.value) draw([...split(value.value), select.value]); });
  draw(split(value.value).filter((code) => labels.has(code)));
  return [chips, select];
}

function chip(label, remove) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×", ariaLabel: `Remove ${label}` });
  button.addEventListener("click", remove);
  const shown = document.createElement("span");
  shown.className = "criteria-chip";
  shown.append(label, button);
  return shown;
}

function numbers(count, unit, { value }) {
  const given = split(value.value);
  const inputs = Array.from({ length: count }, (_, place) =>
    make("input", value, { type: "number", step: 1, value: given[place] ?? "", ariaLabel: count === 1 ? "Value" : ["From", "To"][place] }));
  const write = () => { value.value = inputs.map((input) => input.value).join(", "); };
  inputs.forEach((input) => input.addEventListener("input", write));
  write();
  const shown = inputs.flatMap((input, place) => (place ? [word("and"), input] : [input]));
  return unit ? [...shown, word(unit)] : shown;
}

function word(text) {
  return Object.assign(document.createElement("span"), { className: "criteria-unit", textContent: text });
}

function editorFor(controls) {
  const field = catalog.fields[controls.field.value];
  const takes = catalog.operators[controls.operator.value]?.takes;
  if (!field || !takes) return null;
  if (takes === "nothing") { controls.value.value = ""; return []; }
  if (field.type === "boolean") return chooseOne([["yes", "yes"], ["no", "no"]], controls);
  if (field.type === "number") return numbers(takes === "range" ? 2 : 1, field.unit, controls);
  if (field.type === "choice" && field.choices.length) {
    return takes === "several" ? chooseSeveral(field.choices, controls) : chooseOne(field.choices, controls);
  }
  controls.value.placeholder = { several: "one, two, three", range: "from, to" }[takes] ?? "";
  if (field.type === "moment") controls.value.placeholder = "2026-03-02T09:00:00+00:00";
  return null;
}

function drawEditor(controls) {
  const { value } = controls;
  value.parentElement.querySelector(".criteria-editor")?.remove();
  const editor = editorFor(controls);
  value.hidden = editor !== null;
  if (!editor) return;
  const shown = document.createElement("span");
  shown.className = "criteria-editor";
  shown.append(...editor);
  value.after(shown);
}

function enhance(row) {
  const controls = parts(row);
  if (!controls || controls.field.name.includes("__prefix__") || row.dataset.enhanced) return;
  row.dataset.enhanced = "yes";
  const { field, operator, value } = controls;
  offerOperators(controls);
  drawEditor(controls);
  field.addEventListener("change", () => {
    value.value = "";
    offerOperators(controls);
    drawEditor(controls);
  });
  operator.addEventListener("change", () => drawEditor(controls));
}

if (catalog) {
  document.querySelectorAll(".form-row").forEach(enhance);
  document.addEventListener("formset:added", (event) => enhance(event.target));
}
