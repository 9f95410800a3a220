// Light, dark or as the device says. Kept in a cookie, so that the server draws the next page right at once.
{
  const root = document.documentElement;
  const mark = () => document.querySelectorAll("[data-theme-choice]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeChoice === (root.dataset.theme ?? ""))));
  portico.every("[data-theme-choice]", mark);
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (choice === undefined) return;
    if (choice) root.dataset.theme = choice; else delete root.dataset.theme;
    document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", choice || "light dark");
    document.cookie = `theme=${choice || "auto"}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    mark();
  });
}
