// Shows the API's document with Swagger UI, in the theme that the person has chosen for the pages.

const DOCUMENT = "/api/openapi.json";

const chosen = /(?:^|; )provost-theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
const night = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const dark = chosen ? chosen === "dark" : night.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.classList.toggle("dark-mode", dark);
}

/** The document; the list of operations shows only their summaries, so these also say what is not implemented. */
async function readDocument() {
  const response = await fetch(DOCUMENT);
  const spec = await response.json();
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    if (operation["x-provost-status"] === "not implemented") operation.summary += " (not implemented)";
  }
  return spec;
}

async function showOperations() {
  SwaggerUIBundle({
    spec: await readDocument(),
    dom_id: "#operations",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    // The list of all types would double the length of the page; each operation shows its own.
    defaultModelsExpandDepth: -1,
    // Otherwise a picture is loaded from a foreign host.
    validatorUrl: null,
  });
}

applyTheme();
night.addEventListener("change", applyTheme);
// Deferred scripts, the bundle among them, have run before this event.
document.addEventListener("DOMContentLoaded", showOperations);
