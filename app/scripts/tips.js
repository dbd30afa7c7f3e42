// The names behind "+2" tags, which the style sheet shows on hover and on focus: Esc hides them until another key is pressed or the
// pointer reaches another element.

const { classList } = document.body;

addEventListener("keydown", ({ key }) => classList.toggle("no-tips", key === "Escape"));
addEventListener("mouseover", () => classList.remove("no-tips"));
