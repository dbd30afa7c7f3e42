// The keyboard shortcuts. `keys.js` loads them when they are first needed.

/** How long the second key of a pair may take. */
const PAIR_TIMEOUT = 1500;
/** By the key after `g`: how the path of the page ends, in the links of the navigation. */
const SECTIONS = { w: "/", r: "/runs", a: "/artifacts", v: "/variables", s: "/settings", k: "/my/api-keys", h: "/help" };
/** What the dialog says. */
const HELP = [
    ["j", "k", "Next or previous row"],
    ["Enter", "o", "Open the row"],
    ["/", "", "Search, or open the filters"],
    ["g", "w", "Go to workspaces"],
    ["g", "r", "Go to flow runs"],
    ["g", "a", "Go to artifacts"],
    ["g", "v", "Go to variables"],
    ["g", "s", "Go to workspace settings"],
    ["g", "k", "Go to API keys"],
    ["g", "h", "Go to help"],
    ["?", "", "Show these shortcuts"],
];

/** When `g` was pressed. */
let pair = -Infinity;

/** Does what a key stands for. */
export function press(key) {
    const isPair = performance.now() - pair < PAIR_TIMEOUT;
    pair = -Infinity;
    if (isPair) return go(SECTIONS[key]);
    if (key === "g") pair = performance.now();
    if (key === "j") move(1);
    if (key === "k") move(-1);
    if (key === "o") focusedRow()?.click();
    if (key === "/") search();
    if (key === "?") show();
}

/** The links of the rows of the page's lists. */
function rows() {
    const links = document.querySelectorAll("main :is(.list .row, article) a.name");
    return [...links].filter((link) => link.checkVisibility());
}

function focusedRow() {
    const focused = document.activeElement;
    return rows().find((row) => row === focused || row.closest(".row, article").contains(focused));
}

function move(step) {
    const links = rows();
    const from = links.indexOf(focusedRow());
    links[from < 0 ? 0 : Math.min(Math.max(from + step, 0), links.length - 1)]?.focus();
}

function search() {
    const field = document.querySelector("main input[type=search]");
    if (field) {
        field.focus();
        field.select();
    } else {
        document.querySelector("main details:has(> dialog.sheet) > summary")?.click();
    }
}

/** Follows the link of the navigation to a section, if this page has it. */
function go(end) {
    const links = [...document.querySelectorAll(".rail a")];
    const isSection = ({ pathname }) => (end === "/" ? pathname === end : pathname.endsWith(end));
    if (end) links.find(isSection)?.click();
}

/** Shows all shortcuts, and the switch that turns them off. */
export function show() {
    if (document.getElementById("shortcuts")) return;
    const dialog = document.createElement("dialog");
    const key = (text) => (text ? `<kbd>${text}</kbd> ` : "");
    const lines = HELP.map(([first, second, text]) => `<dt>${key(first)}${key(second)}</dt><dd>${text}</dd>`);
    dialog.id = "shortcuts";
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "shortcuts-title");
    dialog.innerHTML = `
        <div class="hd"><h2 id="shortcuts-title" class="grow">Keyboard shortcuts</h2></div>
        <div class="bd">
            <dl class="keys">${lines.join("")}</dl>
            <label class="tick"><input class="check" type="checkbox"> Use these shortcuts on this device</label>
        </div>
        <div class="ft"><form method="dialog"><button class="btn primary">Close</button></form></div>`;
    const box = dialog.querySelector("input");
    box.checked = localStorage.getItem("provost-shortcuts") !== "off";
    box.addEventListener("change", () => localStorage.setItem("provost-shortcuts", box.checked ? "on" : "off"));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("button").focus();
}
