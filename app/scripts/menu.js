// Menus: a <details class="drop"> with a button and a floating panel. They open without this script; it closes them on Esc, a click
// outside, a click on a link, and a submitted form, and moves through their entries with the arrow keys.

const menuOf = ({ target }, part) => target.closest?.(part)?.closest("details.drop[open]");

/** Closes the menu and focuses its button. */
function close(menu) {
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
}

for (const kind of ["pointerdown", "focusin"]) {
    addEventListener(kind, ({ target }) => {
        for (const menu of document.querySelectorAll("details.drop[open]")) if (!menu.contains(target)) menu.open = false;
    });
}
// Before the router's own listener, which does not reload the page.
addEventListener("click", (event) => close(menuOf(event, ".pop :is(a, [data-shortcuts])")), true);
addEventListener("submit", (event) => close(menuOf(event, ".pop form")), true);

addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.drop");
    if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && menu.open) return close(menu);
    if (!menu.open && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    menu.open = true;
    const entries = [...menu.querySelectorAll(".pop :is(a, button)")];
    const from = entries.indexOf(document.activeElement);
    const next = { ArrowDown: from + 1, ArrowUp: from < 0 ? -1 : from - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    entries.at(next % entries.length)?.focus();
});
