// Search in a select by typing: select[data-combobox], for one value or several. The select stays
// in the form and is what is sent, so the page also works without this file.
let number = 0;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function make(tag, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function enhance(select) {
  if (select.dataset.combobox === "on") return;
  select.dataset.combobox = "on";
  const id = select.id || `combobox-${++number}`;
  const label = select.ariaLabel ?? select.labels[0]?.textContent.trim() ?? "";
  const list = make("div", { className: "combobox-list", id: `${id}-list`, hidden: true }, { role: "listbox", "aria-label": label });
  const input = make("input", { className: "combobox-input", id: `${id}-search`, autocomplete: "off", spellcheck: false }, {
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", "aria-label": label,
  });
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  const box = make("span", { className: "combobox" });
  box.append(input, list);
  const isTarget = select.autofocus;
  select.hidden = true;
  select.after(box);
  let marked = null;

  const options = () => [...select.options].filter((option) => option.value);

  function write() {
    box.querySelectorAll(".combobox-chip").forEach((chip) => chip.remove());
    if (!select.multiple) {
      const chosen = select.selectedOptions[0];
      input.value = chosen?.value ? chosen.label : "";
      input.placeholder = select.options[0]?.value ? "" : select.options[0]?.label ?? "";
      return;
    }
    input.value = "";
    input.placeholder = select.selectedOptions.length ? "Add" : "Search";
    for (const option of options().filter((option) => option.selected)) {
      const remove = make("button", { type: "button", textContent: "×", ariaLabel: `Remove ${option.label}` });
      remove.addEventListener("click", () => choose(option));
      const chip = make("span", { className: "combobox-chip", dir: "auto", textContent: option.label });
      chip.append(remove);
      input.before(chip);
    }
  }

  function choose(option) {
    option.selected = select.multiple ? !option.selected : true;
    close();
    input.focus();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function mark(item) {
    marked?.removeAttribute("aria-selected");
    marked = item ?? null;
    marked?.setAttribute("aria-selected", "true");
    marked?.scrollIntoView({ block: "nearest" });
    if (marked) input.setAttribute("aria-activedescendant", marked.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function open(wanted = "") {
    const groups = new Map();
    const found = options().filter((option) => !(select.multiple && option.selected) && plain(option.label).includes(plain(wanted)));
    for (const option of found) {
      const name = option.parentElement.label ?? "";
      if (!groups.has(name)) {
        const group = make("div", {}, name ? { role: "group", "aria-label": name } : { role: "presentation" });
        if (name) group.append(make("div", { className: "combobox-group", textContent: name }, { "aria-hidden": "true" }));
        groups.set(name, group);
      }
      const item = make("div", { className: "combobox-option", dir: "auto", textContent: option.label, id: `${id}-option-${option.index}` }, { role: "option" });
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(option));
      item.option = option;
      groups.get(name).append(item);
    }
    list.replaceChildren(...groups.values());
    if (!found.length) list.append(make("div", { className: "combobox-none", textContent: "No match" }, { role: "option", "aria-disabled": "true" }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const items = [...list.querySelectorAll(".combobox-option")];
    mark(items.find((item) => item.option.selected) ?? (wanted ? items[0] : null));
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(null);
    write();
  }

  function step(by) {
    if (list.hidden) return open();
    const items = [...list.querySelectorAll(".combobox-option")];
    if (items.length) mark(items[(items.indexOf(marked) + by + items.length) % items.length]);
  }

  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("click", () => { if (list.hidden) { input.select(); open(); } });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") { if (marked) choose(marked.option); }
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Backspace" && select.multiple && !input.value && select.selectedOptions.length) choose([...select.selectedOptions].at(-1));
    else return;
    event.preventDefault();
  });
  write();
  if (isTarget) input.focus();
}

function enhanceIn(root) {
  root.querySelectorAll?.("select[data-combobox]").forEach(enhance);
}

enhanceIn(document);
document.addEventListener("htmx:load", (event) => enhanceIn(event.detail.elt));
