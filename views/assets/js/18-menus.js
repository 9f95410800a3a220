// Menus are <details>: they close on Esc, on a click elsewhere, and when focus leaves; arrows walk their items.
{
  const shut = (menu, back) => { menu.open = false; if (back) menu.querySelector("summary")?.focus(); };
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) shut(menu); });
  });
  document.addEventListener("focusin", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) shut(menu); });
  });
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details[data-menu].start")) return;
    menu.classList.remove("flip");
    if (menu.open) menu.classList.toggle("flip", menu.querySelector(".menu-body").getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  }, true);
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu]");
    if (!menu) return;
    if (event.key === "Escape" && menu.open) { event.preventDefault(); event.stopPropagation(); shut(menu, true); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    menu.open = true;
    const items = [...menu.querySelectorAll(".menu-body :is(a, button)")].filter((item) => item.offsetParent);
    const at = items.indexOf(document.activeElement);
    items.at(event.key === "ArrowDown" ? (at + 1) % items.length : at <= 0 ? -1 : at - 1)?.focus();
  });
}
