// Shows the API's document with Swagger UI, in the theme that the person has chosen for the pages.

const chosen = /(?:^|; )provost-theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
const night = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const dark = chosen ? chosen === "dark" : night.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.classList.toggle("dark-mode", dark);
}

applyTheme();
night.addEventListener("change", applyTheme);

// Deferred scripts, the bundle among them, have run before this event.
document.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#operations",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    showExtensions: true,
    // The list of all types would double the length of the page; each operation shows its own.
    defaultModelsExpandDepth: -1,
    // Otherwise a picture is loaded from a foreign host.
    validatorUrl: null,
  });
});
