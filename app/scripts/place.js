// The reader's place while the router replaces the page: the scroll position, the focus, and the announcement of the new title.
//
// The position of each entry of the browser's history is in the entry's state, so that Back and a reload return to it.

/** How long a page may take to load before the focus stays where it is. */
const PAGE_TIMEOUT = 5000;
/** After this time, a page that looks like the one before, or is shorter than it was, counts as loaded. */
const REPLACE_TIMEOUT = 1500;
/** The end of a scroll movement: browsers limit how often the history may be changed. */
const SCROLL_PAUSE = 100;

const replaceState = history.replaceState.bind(history);
/** Announces titles to screen readers. */
const announcer = document.createElement("div");
/** The path and the heading of the page that is shown, and how many pages were shown before. */
let path = location.pathname;
let heading = headingOf();
let visit = 0;
/** Whether the position of the current entry is about to be restored, and must not be overwritten. */
let restoring = false;
let pause = 0;

history.scrollRestoration = "manual";
if (history.state?.y) scrollTo(0, history.state.y);

function save() {
    // Safari refuses more than a hundred changes in half a minute.
    try {
        if (!restoring) replaceState({ ...history.state, y: scrollY }, "");
    } catch {}
}

addEventListener("scroll", () => {
    const { href } = location;
    clearTimeout(pause);
    pause = setTimeout(() => href === location.href && save(), SCROLL_PAUSE);
}, { passive: true });
addEventListener("pagehide", save);
addEventListener("click", () => {
    save();
    heading = headingOf();
}, true);

// The router changes the address once the new page has replaced the old one.
for (const name of ["pushState", "replaceState"]) {
    const change = history[name].bind(history);
    history[name] = (...entry) => {
        change(...entry);
        if (location.pathname !== path) arrive();
    };
}
// This script listens before the router does, so that a page with something unsaved can ask first (`ui::leave_question`). The router
// replaces the page only after this event.
addEventListener("popstate", (event) => {
    if (!dispatchEvent(new Event("provost-leave", { cancelable: true }))) return event.stopImmediatePropagation();
    const { state } = event;
    if (location.pathname !== path) heading = headingOf();
    else if (!state) return;
    arrive(state?.y ?? 0);
});

function headingOf(main = document.querySelector("main")) {
    const element = main?.querySelector("h1");
    return { element, text: element?.textContent };
}

/** Waits until the page at the new address is shown, then scrolls to `y`, if given, moves the focus, and announces the title. */
function arrive(y) {
    const [current, left, shown, start] = [++visit, path, heading, performance.now()];
    const isOther = location.pathname !== left;
    let acted = false;
    const act = () => (acted = true);
    const acts = ["wheel", "touchmove", "keydown", "pointerdown"];
    for (const kind of acts) addEventListener(kind, act, { passive: true });
    path = location.pathname;
    restoring = y !== undefined;
    document.body.append(announcer);

    const isReady = (main, waited) => {
        const { element, text } = headingOf(main);
        const isNew = !isOther || element !== shown.element || text !== shown.text;
        const isLong = !y || document.documentElement.scrollHeight >= y + innerHeight;
        return element && ((isNew && isLong) || waited > REPLACE_TIMEOUT) && !main.querySelector("[aria-busy=true]");
    };
    const wait = () => {
        if (current !== visit) return end();
        const main = document.querySelector("main");
        const waited = performance.now() - start;
        if (!isReady(main, waited) && waited < PAGE_TIMEOUT) return requestAnimationFrame(wait);
        restoring = false;
        if (!acted && y !== undefined) scrollTo(0, y);
        if (isOther && main) {
            heading = headingOf(main);
            if (!acted && !main.contains(document.activeElement)) focus(main, y === undefined ? "" : left);
            announcer.textContent = document.title;
        }
        end();
    };
    const end = () => acts.forEach((kind) => removeEventListener(kind, act));
    requestAnimationFrame(wait);
}

/** Focuses the link to the page that was left, if this page has one, or else the heading. */
function focus(main, left) {
    const link = [...main.querySelectorAll("a[href]")].find((link) => link.pathname === left);
    const target = link ?? headingOf(main).element;
    if (target && target !== link) target.tabIndex = -1;
    target?.focus({ preventScroll: true });
}

announcer.className = "sr";
announcer.ariaLive = "polite";
