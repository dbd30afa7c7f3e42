// Loads the keyboard shortcuts with the first key, or the first button, that needs them.

let shortcuts;
/** One promise for all keys, so that they act in the order in which they were pressed. */
const load = () => (shortcuts ??= import("./shortcuts.js").catch((error) => {
    shortcuts = undefined;
    throw error;
}));
const isTyping = (element) => element.closest?.("input, textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
    const isShortcut = /^[a-z/?]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (!isShortcut || isTyping(event.target) || document.querySelector("dialog:modal")) return;
    if (localStorage.getItem("provost-shortcuts") === "off") return;
    // Firefox would search in the page.
    if (event.key === "/") event.preventDefault();
    load().then(({ press }) => press(event.key));
});
addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-shortcuts]")) load().then(({ show }) => show());
});
