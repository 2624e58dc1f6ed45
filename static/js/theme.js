// Keeps the chosen theme in a cookie, which the server writes into <html data-theme>: no flash.
const YEAR = 60 * 60 * 24 * 365;
const buttons = document.querySelectorAll("[data-theme-choice]");

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const theme = button.dataset.themeChoice;
    document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax`;
    show(theme);
  });
}

for (const part of document.querySelectorAll("[data-theme-switch]")) part.hidden = false;
show(document.documentElement.dataset.theme ?? "");
