// The admin's theme is dark by a class. It follows the choice of theme.js or the system, and comes
// before anything is painted.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  const { theme } = root.dataset;
  root.classList.toggle("dark", theme ? theme === "dark" : dark.matches);
}

new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
dark.addEventListener("change", follow);
follow();
