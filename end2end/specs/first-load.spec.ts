/** Which wasm a page loads: at first the base, a pack, and a pack for an open tab, later single files. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";
import { populate, PUBLIC_PAGES, signedInPages } from "../support/workspace";

/** Names of the wasm files that the page requests from now on. */
function observeWasm(page: Page): string[] {
  const names: string[] = [];
  page.on("request", (request) => {
    const name = new URL(request.url()).pathname.split("/").pop() ?? "";
    if (/\.(wasm|pack)$/.test(name)) names.push(name);
  });
  return names;
}

/** Most requests of a first load, the document and the icon of the tab included. */
const MOST_REQUESTS = 12;

test("a first load requests the base, one pack, and one for an open tab", async ({ page, person, signedIn }) => {
  test.setTimeout(120_000);
  const names = observeWasm(page);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const visit = async (path: string) => {
    names.length = requests.length = 0;
    await page.goto(path);
    // Some of these pages have no theme switch, by which hydration is seen.
    await page.waitForLoadState("networkidle");
    expect(requests.length, `${path}: ${requests.join(" ")}`).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(names, path).toContain("app.wasm");
    const most = /tab=(task-runs|parameters)/.test(path) ? 2 : 1;
    expect(names.filter((name) => name.endsWith(".pack")).length, path).toBeLessThanOrEqual(most);
    expect(names.filter((name) => !name.endsWith(".pack")), path).toEqual(["app.wasm"]);
  };
  for (const { path } of signedInPages(await populate(person))) await visit(path);
  await page.context().clearCookies();
  for (const { path } of PUBLIC_PAGES) await visit(path);
});

test("a link to a page of another part loads only what is missing", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  const names = observeWasm(page);
  await page.goto(person.runsPath);
  await waitForHydration(page);
  names.length = 0;
  await page.getByRole("main").locator(`a[href='${person.runPath(run)}']`).first().click();
  await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
  expect(names).toContain("split_run.wasm");
  expect(names.filter((name) => name.endsWith(".pack"))).toEqual([]);
  const requested = names.length;
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Flow runs" })).toBeVisible();
  expect(names.length).toBe(requested);
});

test("a tab of a run is loaded when it is opened", async ({ page, person, signedIn, monitor }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.createTaskRun(run, "measure-0");
  const names = observeWasm(page);
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  expect(names.sort()).toEqual(["app.wasm", "run.pack"]);

  monitor.allow(/split_run_tasks|Failed to fetch|\/api\/ready/);
  // While the server is not ready, the page does not load again by itself.
  await page.route(/\/api\/ready/, (route) => route.abort());
  await page.route(/split_run_tasks/, (route) => route.abort());
  const main = page.getByRole("main");
  await main.getByRole("link", { name: /^Task runs/ }).click();
  await expect(main.getByRole("heading", { name: "Can’t load this tab" })).toBeVisible();
  await page.unroute(/split_run_tasks/);
  await main.getByRole("link", { name: /^Parameters/ }).click();
  await expect(main.getByRole("heading", { name: "No parameters" })).toBeVisible();
  await main.getByRole("link", { name: /^Task runs/ }).click();
  await expect(main.getByText("measure-0")).toBeVisible();

  names.length = 0;
  await page.goto(`${person.runPath(run)}?tab=task-runs`);
  await waitForHydration(page);
  expect(names.sort()).toEqual(["app.wasm", "run.pack", "run_tasks.pack"]);
});

test("a tab shows that it is loading, and the page does not jump", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides", parameters: { zone: 7 } });
  await person.client.logs(run, Array.from({ length: 100 }, (_, number) => `Wave ${number}.`));
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/split_run_parameters/, async (route) => {
    await answered;
    await route.continue();
  });
  await page.evaluate(() => scrollTo(0, 100));
  const main = page.getByRole("main");
  await main.getByRole("link", { name: /^Parameters/ }).click();
  await expect(main.getByText("Loading")).toBeVisible();
  expect(await page.evaluate(() => Math.round(scrollY))).toBe(100);
  answer();
  await expect(main.getByText("Loading")).toBeHidden();
  await expect(main.getByText('"zone"')).toBeVisible();
});

test("without its pack a page loads the single files", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/\.pack$/);
  await page.route(/\.pack$/, (route) => route.abort());
  const names = observeWasm(page);
  await page.goto(person.runsPath);
  await waitForHydration(page);
  expect(names).toContain("split_runs.wasm");
});

test("browsers may cache every static file for ever", async ({ page, person, signedIn }) => {
  const files = new Map<string, string>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (/\.\w+$/.test(pathname)) files.set(pathname, response.headers()["cache-control"] ?? "");
  });
  await page.goto("/");
  await waitForHydration(page);
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const kinds = new Set([...files.keys()].map((path) => path.split(".").pop()));
  expect([...kinds]).toEqual(expect.arrayContaining(["css", "js", "pack", "svg", "wasm", "woff2"]));
  for (const [path, caching] of files) expect(caching, path).toContain("immutable");
});
