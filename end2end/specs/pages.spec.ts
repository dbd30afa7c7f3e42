/** Every page: in light and dark theme, wide and narrow, and as the server renders it before scripts run. */
import type { APIRequestContext, Page } from "@playwright/test";
import { ADMIN_PATHS, type PageExpectation, signedInPages, populate, PUBLIC_PAGES, routePatterns } from "../support/workspace";
import { expectAccessible } from "../support/accessibility";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

test("every page is accessible in light and dark theme", async ({ page, person, signedIn }) => {
  test.setTimeout(180_000);
  for (const { path, heading, rows } of signedInPages(await populate(person))) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(rows[0]);
    await expectAccessible(page);
  }
});

test("every public page is accessible in light and dark theme", async ({ page }) => {
  for (const { path, heading } of PUBLIC_PAGES) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expectAccessible(page);
  }
});

test("the page list of these tests covers every route", async ({ person }) => {
  const known = [...PUBLIC_PAGES, ...signedInPages(await populate(person))].map(({ path }) => path.split("?")[0]).concat(ADMIN_PATHS);
  const pages = routePatterns();
  expect(pages.length, "the routes are read").toBeGreaterThan(10);
  const unknown = pages.filter((page) => !known.some((path) => page.test(path)));
  expect(unknown.map(String)).toEqual([]);
});

test("filters and account menu are accessible", async ({ page, person, signedIn }) => {
  await page.goto(person.runsPath);
  await waitForHydration(page);
  await page.locator("summary", { hasText: "Filters" }).click();
  await expect(page.getByLabel("Failed")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.locator("summary[aria-label^='Account menu']:visible").click();
  await expect(page.getByRole("link", { name: "API keys" })).toBeVisible();
  await expectAccessible(page);
});

test("a wasm part that fails to load shows a retry link", async ({ page, signedIn, monitor }) => {
  monitor.allow(/split_\w+\.wasm|Failed to (load|fetch)/);
  await page.route(/split_(keys|auth)\.wasm/, (route) => route.abort());
  await page.goto("/");
  await waitForHydration(page);
  await page.locator("summary[aria-label^='Account menu']:visible").click();
  await page.getByRole("link", { name: "API keys" }).click();
  await expectErrorPage(page, "The server can’t answer now");
  await expect(page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/my/api-keys");

  await page.context().clearCookies();
  await page.goto("/help");
  await waitForHydration(page);
  await page.getByRole("link", { name: "Sign in to create a key" }).click();
  await expectErrorPage(page, "The server can’t answer now");
  await expect(page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/sign-in?to=/my/api-keys");
  await page.unrouteAll();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("an unknown URL shows a not-found page with a link", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/404/);
  for (const path of ["/nowhere", `/account/${UNKNOWN_ID}/workspace/${UNKNOWN_ID}/runs`, person.runPath({ id: UNKNOWN_ID })]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expectErrorPage(page, "Page not found");
  }
  await page.getByRole("link", { name: "Go to workspaces" }).click();
  await expect(page.getByRole("heading", { name: "Workspaces", exact: true })).toBeVisible();
});

test("client-side navigation to an unknown run shows not found", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/404/);
  const run = await person.client.createRun({ flow: "Tides" });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const link = page.getByRole("main").locator(`a[href='${person.runPath(run)}']`).first();
  await link.evaluate((link: HTMLAnchorElement, path) => {
    link.href = path;
    link.click();
  }, person.runPath({ id: UNKNOWN_ID }));
  await expectErrorPage(page, "Page not found");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Flow runs" })).toBeVisible();
  await expect(page.getByRole("main").getByText(run.name)).toBeVisible();
});

test("server-rendered pages contain heading and first rows", async ({ page, person, signedIn }) => {
  const fixture = await populate(person);
  for (const expectation of signedInPages(fixture)) await expectServerRendered(page.request, expectation);
});

test("public pages are rendered by the server", async ({ page }) => {
  for (const expectation of PUBLIC_PAGES) await expectServerRendered(page.request, expectation);
});

/** An error page has no navigation rail and exactly one `<main>`. */
async function expectErrorPage(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await expectAccessible(page);
}

async function expectServerRendered(request: APIRequestContext, { path, heading, rows }: PageExpectation): Promise<void> {
  const response = await request.get(path, { headers: { accept: "text/html" } });
  expect(response.status(), path).toBe(200);
  // Data for hydration in script elements and comments is not visible.
  const html = (await response.text()).replace(/<script[^>]*>.*?<\/script>/gs, "").replace(/<!.*?>/gs, "");
  expect(html, path).toMatch(new RegExp(`<h1[^>]*>.*${heading}`, "s"));
  for (const row of rows) expect(html, `${path}: ${row}`).toContain(row);
}
