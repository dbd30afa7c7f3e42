/** The pages of artifacts: each kind, the history of a key, live changes, and data that tries to harm the reader. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import type { NewArtifact } from "../support/client";
import { waitForHydration } from "../support/monitor";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

/** A red square. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path fill="red" d="M0 0h40v40H0z"/></svg>')}`;
const REMOTE = "https://plots.example";

const MARKDOWN = `# Load forecast, 17 March

Peak **61.4 GW** at 18:30, see [the report](https://reports.example/load).

- Wind 14.8 GW
- Error yesterday 1.3 %

| Hour | GW |
|:----:|---:|
| 18   | 61 |
`;

const TABLE = JSON.stringify([
  { Region: "UK", Orders: 18204, Value: "£412,880" },
  { Region: "Ireland", Orders: 2317, Value: "£51,206" },
]);

/** An artifact of each kind, as clients send them. */
const KINDS: Record<string, NewArtifact> = {
  table: { key: "orders-by-region", type: "table", data: TABLE },
  markdown: { key: "load-forecast", type: "markdown", data: MARKDOWN, description: "Forecast of the night" },
  link: { key: "close-report", type: "markdown", data: "[February close](https://reports.example/close)" },
  progress: { key: "meter-reread", type: "progress", data: 62.04, description: "7,440 of 12,000 meters" },
  image: { key: "forecast-error", type: "image", data: PICTURE },
  result: { key: "answer", type: "result", data: { storage_key: "abc", size: 42 } },
};

const SEARCH = "Search by key, flow or description";

const listPath = (person: Person) => `${person.workspacePath}/artifacts`;
const keyPath = (person: Person, key: string) => `${listPath(person)}/key/${key}`;

async function createAll(person: Person): Promise<void> {
  const run = await person.client.createRun({ flow: "Ledger" });
  for (const artifact of Object.values(KINDS)) await person.client.createArtifact({ ...artifact, run });
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await waitForHydration(page);
}

const liveStatus = (page: Page) => page.getByRole("banner").getByRole("status");
const card = (page: Page, key: string) => page.getByRole("article").filter({ hasText: key });

test("the list shows, filters and finds the newest of each key", async ({ page, person, signedIn }) => {
  await createAll(person);
  await person.client.createArtifact({ ...KINDS.progress, data: 70 });
  await open(page, listPath(person));
  const main = page.getByRole("main");
  await expect(main.getByText("6 artifacts")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(6);
  await expect(card(page, "orders-by-region").getByRole("cell", { name: "18204" })).toBeVisible();
  await expect(card(page, "load-forecast").getByRole("heading", { name: "Load forecast, 17 March" })).toBeVisible();
  await expect(card(page, "load-forecast").getByText("Ledger / ")).toBeVisible();
  await expect(card(page, "close-report").getByRole("link", { name: "February close" })).toHaveAttribute("href", "https://reports.example/close");
  await expect(card(page, "meter-reread").getByRole("progressbar")).toHaveAttribute("value", "70");
  await expect(card(page, "meter-reread")).toContainText("Created outside a run");
  await expect(card(page, "forecast-error").getByRole("img", { name: "forecast-error" })).toBeVisible();
  await expect(card(page, "answer")).toContainText("storage_key");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Link", exact: true }).click();
  await expect(main.locator(".bar b")).toHaveText("1 artifact");
  await expect(card(page, "close-report")).toBeVisible();
  await page.getByLabel(SEARCH).fill("nothing");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "No artifacts match" })).toBeVisible();
  expect(new URL(page.url()).search).toBe("?type=link&search=nothing");
  await expect(main.getByText("Without the search and the filter, the list has 6 artifacts.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page.getByRole("article")).toHaveCount(6);
  await expect(page.getByLabel(SEARCH)).toHaveValue("");

  await page.getByLabel(SEARCH).fill("FORE");
  await page.keyboard.press("Enter");
  await expect(main.locator(".bar b")).toHaveText("2 artifacts");
  await page.getByRole("link", { name: "List", exact: true }).click();
  await expect(page.getByRole("list", { name: "Artifacts" }).getByRole("listitem")).toHaveCount(2);
  await expect(page.getByRole("article")).toHaveCount(0);
  const row = page.getByRole("link", { name: "load-forecast" });
  await expect(row).toHaveAttribute("title", /^load-forecast\nUpdated \w+day \d+ \w+ \d{4}, \d\d:\d\d:\d\d/);
  await page.reload();
  await expect(page.getByRole("list", { name: "Artifacts" }).getByRole("listitem")).toHaveCount(2);
  await expectAccessible(page);
});

test("the search finds the flow and the description, also in later updates", async ({ page, person, signedIn }) => {
  await createAll(person);
  const other = await person.client.createRun({ flow: "Meter ingest" });
  await person.client.createArtifact({ key: "ingest", type: "progress", data: 5, run: other });
  await open(page, listPath(person));
  await expect(page.getByRole("article")).toHaveCount(7);
  const shown = page.getByRole("article").getByRole("heading", { level: 2 });
  for (const [search, keys] of [["12,000 METERS", ["meter-reread"]], ["meter", ["ingest", "meter-reread"]], ["r i", ["ingest"]]] as const) {
    await page.getByLabel(SEARCH).fill(search);
    await page.keyboard.press("Enter");
    await expect(shown).toHaveText(keys);
    expect(new URL(page.url()).searchParams.get("search")).toBe(search);
  }
  await expect(liveStatus(page)).toHaveText("Live");
  const ledger = await person.client.createRun({ flow: "Ledger" });
  await person.client.createArtifact({ key: "close", type: "progress", data: 1, run: ledger });
  await person.client.createArtifact({ key: "readings", type: "progress", data: 1, run: other });
  await expect(shown).toHaveText(["readings", "ingest"]);
  await page.reload();
  await expect(shown).toHaveText(["readings", "ingest"]);
  await expect(page.getByLabel(SEARCH)).toHaveValue("r i");
});

test("each kind has a page", async ({ page, person, signedIn }) => {
  test.setTimeout(120_000);
  await createAll(person);
  const main = page.getByRole("main");
  const data = page.getByRole("region", { name: "Data", exact: true });
  const shows: Record<string, () => Promise<void>> = {
    table: async () => {
      await expect(data.getByRole("columnheader")).toHaveText(["Region", "Orders", "Value"]);
      await expect(data.getByRole("row").nth(2).getByRole("cell")).toHaveText(["Ireland", "2317", "£51,206"]);
    },
    markdown: async () => {
      await expect(data.getByRole("heading", { level: 2, name: "Load forecast, 17 March" })).toBeVisible();
      const link = data.getByRole("link", { name: "the report" });
      await expect(link).toHaveAttribute("href", "https://reports.example/load");
      await expect(link).toHaveAttribute("rel", /noopener/);
      await expect(data.getByRole("cell", { name: "61", exact: true })).toBeVisible();
      await expect(main.getByText("Forecast of the night").first()).toBeVisible();
    },
    link: async () => expect(data.getByRole("link", { name: "February close" })).toHaveAttribute("target", "_blank"),
    progress: async () => {
      await expect(data).toContainText("62%");
      await expect(data.getByRole("progressbar", { name: "Progress of meter-reread" })).toHaveAttribute("value", "62.04");
    },
    image: async () => {
      const width = await data.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth);
      expect(width).toBe(40);
    },
    result: async () => expect(data.getByRole("region", { name: "JSON" })).toContainText('"storage_key": "abc"'),
  };
  for (const [kind, { key = "" }] of Object.entries(KINDS)) {
    await open(page, listPath(person));
    await card(page, key).getByRole("link", { name: key, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: key })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(keyPath(person, key));
    await shows[kind]();
    await expect(main.getByRole("link", { name: /^Ledger \// }).first()).toHaveAttribute("href", /\/runs\/flow-run\//);
    await expectAccessible(page);
    await page.reload();
    await shows[kind]();
  }
});

test("hostile data runs no script and loads nothing", async ({ page, person, signedIn }) => {
  const { client } = person;
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(person.provost.url)) elsewhere.push(request.url());
  });
  page.on("dialog", (dialog) => elsewhere.push(`dialog ${dialog.message()}`));
  const attack = "window.attacked = true";
  const markup = `<img src=x onerror="${attack}"><script>${attack}</script><style>body{display:none}</style><svg onload="${attack}"/>`;
  const hostile: NewArtifact[] = [
    {
      key: "markdown",
      type: "markdown",
      description: markup,
      data: `${markup}\n\n[click](javascript:${encodeURIComponent(attack)}) ![pixel](https://evil.example/pixel.png)\n\n<iframe src="https://evil.example"></iframe>\n\n|a|\n|:-:|\n|${markup}|`,
    },
    { key: "link", type: "markdown", data: `[click me](javascript:${encodeURIComponent(attack)})` },
    { key: "table", type: "table", data: JSON.stringify([{ [markup]: markup }]) },
    { key: "image", type: "image", data: `https://evil.example/pixel.png?"><script>${attack}</script>` },
    { key: "script", type: "image", data: `javascript:${attack}` },
    { key: "svg", type: "image", data: `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" onload="${attack}"><script>${attack}</script></svg>`)}` },
    { key: "progress", type: "progress", data: 1e9 },
    { key: "type", type: markup, data: markup, metadata_: { [markup]: markup } },
  ];
  for (const artifact of hostile) await client.createArtifact(artifact);
  await open(page, listPath(person));
  await expect(page.getByRole("article")).toHaveCount(hostile.length);
  await expect(page.getByRole("main").locator("script, iframe, style, [onerror], [onload], [style]")).toHaveCount(0);
  for (const { key = "" } of hostile) {
    await open(page, keyPath(person, key));
    await expect(page.getByRole("heading", { level: 1, name: key })).toBeVisible();
    await expect(page.getByRole("main").locator("script, iframe, style, [onerror], [onload], [style]")).toHaveCount(0);
    for (const link of await page.getByRole("region", { name: "Data", exact: true }).getByRole("link").all()) {
      expect(await link.getAttribute("href")).toMatch(/^https:\/\/evil\.example\/pixel\.png|\?image=shown$/);
    }
    expect(await page.evaluate(() => "attacked" in window), key).toBe(false);
  }
  await open(page, keyPath(person, "progress"));
  await expect(page.getByRole("progressbar")).toHaveAttribute("value", "100");
  expect(elsewhere).toEqual([]);
});

test("an image of another server is loaded after a click", async ({ page, person, signedIn }) => {
  const requests: string[] = [];
  await page.route(`${REMOTE}/**`, (route) => {
    requests.push(route.request().url());
    return route.fulfill({ contentType: "image/svg+xml", body: decodeURIComponent(PICTURE.split(",")[1]) });
  });
  const id = await person.client.createArtifact({ key: "plot", type: "image", data: `${REMOTE}/load.svg` });
  await open(page, listPath(person));
  await expect(card(page, "plot")).toContainText("Open it to see the image.");
  await card(page, "plot").getByRole("link", { name: "plot" }).click();
  await expect(page.getByRole("heading", { name: "An image on plots.example" })).toBeVisible();
  await expectAccessible(page);
  expect(requests).toEqual([]);

  await page.getByRole("link", { name: "Show image" }).click();
  const image = page.getByRole("img", { name: "Image plot" });
  await expect(image).toBeVisible();
  await expect.poll(() => image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(40);
  expect(requests).toEqual([`${REMOTE}/load.svg`]);
  await waitForHydration(page);
  await expect(image).toBeVisible();
  await expectAccessible(page);

  // Another server needs another click.
  await expect(liveStatus(page)).toHaveText("Live");
  await person.client.updateArtifact(id, { data: "https://other.example/load.svg" });
  await expect(page.getByRole("heading", { name: "An image on other.example" })).toBeVisible();
  const policy = async (path: string) => (await page.request.get(path)).headers()["content-security-policy"];
  expect(await policy(keyPath(person, "plot"))).not.toContain("example");
  expect(await policy(`${keyPath(person, "plot")}?image=shown`)).toContain("img-src https://other.example 'self' data:;");
});

test("the history of a key leads to its versions and grows", async ({ page, person, signedIn }) => {
  const { client } = person;
  const first = await client.createArtifact({ key: "meter-reread", type: "progress", data: 10 });
  await client.createArtifact({ key: "meter-reread", type: "progress", data: 20 });
  await open(page, keyPath(person, "meter-reread"));
  const versions = page.getByRole("list", { name: "Versions of this key" }).getByRole("listitem");
  await expect(versions).toHaveText([/20 %.*Shown above/, /10 %/]);
  await expect(liveStatus(page)).toHaveText("Live");
  await client.createArtifact({ key: "meter-reread", type: "progress", data: 30 });
  await expect(versions).toHaveText([/30 %.*Shown above/, /20 %/, /10 %/]);
  await expect(page.getByRole("progressbar")).toHaveAttribute("value", "30");
  await expect(page.getByText("3 versions")).toBeVisible();

  await versions.last().getByRole("link").first().click();
  await expect(page.getByText("This is an earlier version.")).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`${listPath(person)}/artifact/${first}`);
  await expect(versions).toHaveText([/30 %/, /20 %/, /10 %.*Shown above/]);
  await expectAccessible(page);
  await client.updateArtifact(first, { data: 12 });
  await expect(page.getByRole("progressbar")).toHaveAttribute("value", "12");
  await page.getByRole("link", { name: "See the newest" }).click();
  await expect(page.getByRole("progressbar")).toHaveAttribute("value", "30");
});

test("the open list follows clients", async ({ page, person, signedIn }) => {
  const { client } = person;
  await open(page, listPath(person));
  await expect(page.getByRole("heading", { name: "No artifacts yet" })).toBeVisible();
  await expect(page.getByText("create_markdown_artifact(")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Artifact type" })).toHaveCount(0);
  await expectAccessible(page);
  await expect(liveStatus(page)).toHaveText("Live");
  const id = await client.createArtifact({ key: "meter-reread", type: "progress", data: 10 });
  await expect(card(page, "meter-reread").getByRole("progressbar")).toHaveAttribute("value", "10");
  await client.updateArtifact(id, { data: 55 });
  await expect(card(page, "meter-reread").getByRole("progressbar")).toHaveAttribute("value", "55");
  await client.createArtifact({ key: "load-forecast", type: "markdown", data: MARKDOWN });
  await expect(page.getByRole("article").first()).toContainText("load-forecast");
  await expect(page.getByText("2 artifacts")).toBeVisible();
  await client.deleteArtifact(id);
  await expect(page.getByRole("article")).toHaveCount(1);
  await expect(page.getByRole("navigation", { name: "Artifact type" })).toBeVisible();
  await client.createArtifact({ key: "orders", type: "table", data: "[]" });
  await expect(card(page, "orders")).toContainText("No rows");
});

test("an artifact that is deleted while its page is open is not found", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/404/);
  const id = await person.client.createArtifact({ type: "result", data: { answer: 42 } });
  await open(page, `${listPath(person)}/artifact/${id}`);
  await expect(page.getByRole("heading", { level: 1, name: "Artifact without a key" })).toBeVisible();
  await expect(liveStatus(page)).toHaveText("Live");
  await person.client.deleteArtifact(id);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  for (const path of [keyPath(person, "nothing"), keyPath(person, "No%20Key"), `${listPath(person)}/artifact/${id}`, `${listPath(person)}/artifact/x`]) {
    expect((await page.goto(path))?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  }
});

test("pages of the list follow each other", async ({ page, person, signedIn }) => {
  for (let number = 0; number < 30; number++) {
    await person.client.createArtifact({ key: `key-${number}`, type: "progress", data: number });
  }
  await open(page, `${listPath(person)}?type=progress`);
  await expect(page.getByText("1 to 24 of 30")).toBeVisible();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("25 to 30 of 30")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(6);
  await expect(page.getByRole("article").last()).toContainText("key-0");
  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByRole("article")).toHaveCount(24);
});
