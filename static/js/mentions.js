// After an @ in a note (data-mentions names the box), offer the people who may see the lead.
// Without this module a name is typed in full.
const MAX = 6;
const BEFORE_CARET = /(?:^|[^\w.@])@([^@\n]{0,40})$/u;

async function peopleOf(box) {
  box.names ??= fetch(box.dataset.people)
    .then((answer) => (answer.ok ? answer.json() : { people: [] }))
    .then(({ people }) => people, () => []);
  return box.names;
}

const isNamed = (name, typed) => name.toLowerCase().split(" ").some((_, place, words) => words.slice(place).join(" ").startsWith(typed));

function close(box, say) {
  box.hidden = true;
  box.replaceChildren();
  say("");
}

function insert(field, typed, name) {
  const end = field.selectionStart;
  field.setRangeText(`${name} `, end - typed.length, end, "end");
  field.focus();
}

async function suggest(field, box, say) {
  const typed = BEFORE_CARET.exec(field.value.slice(0, field.selectionStart))?.[1];
  if (typed === undefined) return close(box, say);
  const names = (await peopleOf(box)).filter((name) => isNamed(name, typed.toLowerCase())).slice(0, MAX);
  if (!names.length) return close(box, say);
  box.replaceChildren(
    ...names.map((name) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-small", dir: "auto", textContent: name });
      button.addEventListener("click", () => {
        insert(field, typed, name);
        close(box, say);
      });
      return button;
    }),
  );
  box.hidden = false;
  say(`${names.length} ${names.length === 1 ? "person" : "people"} to mention, below the note`);
}

for (const field of document.querySelectorAll("[data-mentions]")) {
  const box = document.getElementById(field.dataset.mentions);
  const count = field.form.querySelector("[data-people-count]");
  const say = (text) => {
    if (count.textContent !== text) count.textContent = text;
  };
  field.addEventListener("input", () => suggest(field, box, say));
  field.form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    event.stopPropagation();
    field.focus();
    close(box, say);
  });
}
