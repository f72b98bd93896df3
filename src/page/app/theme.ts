import { byId } from "./dom.ts";

const themes = ["system", "light", "dark"] as const;
const looks = { system: "◐", light: "☀", dark: "☾" };
const kept = "callscope-theme";

/** Light, dark, or as the system has it; kept where the browser allows it. */
export function listenToTheme(): void {
  const button = byId("theme");
  let theme: (typeof themes)[number] = "system";
  const show = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = looks[theme];
    button.title = `Colours: ${theme}`;
    button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  };
  try {
    theme = themes.find((name) => name === localStorage.getItem(kept)) ?? "system";
  } catch {
    // A browser that keeps nothing.
  }
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
    show();
    try {
      localStorage.setItem(kept, theme);
    } catch {
      // As above.
    }
  });
  show();
}
