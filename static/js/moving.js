// Arrow keys move what the buttons in [data-move] move: values that start with up and down.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-move] [aria-disabled=true]")) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  const buttons = event.target.closest?.("[data-move]");
  const to = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!buttons || !to) return;
  event.preventDefault();
  const button = buttons.querySelector(`[value^=${to}]`);
  button.focus();
  button.click();
});
