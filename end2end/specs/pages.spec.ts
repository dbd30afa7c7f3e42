/** Every page: by day and by night, wide and narrow, and as it comes over the wire before any script runs. */
import type { APIRequestContext, Page } from "@playwright/test";
import { type Address, addresses, furnish, OPEN, pagesOfTheProgram } from "../house/furnished";
import { expectGoodLooks } from "../house/looks";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

const NOBODY = "00000000-0000-4000-8000-000000000000";

test("every page reads well by day and by night", async ({ page, person, signedIn }) => {
  test.setTimeout(180_000);
  for (const { path, heading, rows } of addresses(await furnish(person))) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(rows[0]);
    await expectGoodLooks(page);
  }
});

test("every open page reads well by day and by night", async ({ page }) => {
  for (const { path, heading } of OPEN) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expectGoodLooks(page);
  }
});

test("no page of the program is left out here", async ({ person }) => {
  const known = [...OPEN, ...addresses(await furnish(person))].map(({ path }) => path.split("?")[0]);
  const pages = pagesOfTheProgram();
  expect(pages.length, "the routes are read").toBeGreaterThan(10);
  const unknown = pages.filter((page) => !known.some((path) => page.test(path)));
  expect(unknown.map(String)).toEqual([]);
});

test("what opens over a page reads well", async ({ page, person, signedIn }) => {
  await page.goto(person.runs);
  await hydrated(page);
  await page.locator("summary", { hasText: "Filters" }).click();
  await expect(page.getByLabel("Failed")).toBeVisible();
  await expectGoodLooks(page);
  await page.keyboard.press("Escape");
  await page.locator("summary[aria-label^='Account menu']:visible").click();
  await expect(page.getByRole("link", { name: "API keys" })).toBeVisible();
  await expectGoodLooks(page);
});

test("a page whose code can't be had says so, and tries again where one wanted to go", async ({ page, signedIn, watch }) => {
  watch.expects(/split_\w+\.wasm|Failed to (load|fetch)/);
  await page.route(/split_(keys|doors)\.wasm/, (route) => route.abort());
  await page.goto("/");
  await hydrated(page);
  await page.locator("summary[aria-label^='Account menu']:visible").click();
  await page.getByRole("link", { name: "API keys" }).click();
  await expectLost(page, "The server can’t answer now");
  await expect(page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/my/api-keys");

  await page.context().clearCookies();
  await page.goto("/help");
  await hydrated(page);
  await page.getByRole("link", { name: "Sign in to create a key" }).click();
  await expectLost(page, "The server can’t answer now");
  await expect(page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/sign-in?to=/my/api-keys");
  await page.unrouteAll();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("an address that leads nowhere says so, with a way on", async ({ page, person, signedIn, watch }) => {
  watch.expects(/404/);
  for (const path of ["/nowhere", `/account/${NOBODY}/workspace/${NOBODY}/runs`, person.page({ id: NOBODY })]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expectLost(page, "No light at this door");
  }
  await page.getByRole("link", { name: "Go to workspaces" }).click();
  await expect(page.getByRole("heading", { name: "Workspaces", exact: true })).toBeVisible();
});

test("a run that is gone is lost to a script too, and the way back is open", async ({ page, person, signedIn, watch }) => {
  watch.expects(/404/);
  const run = await person.client.run({ flow: "Tides" });
  await page.goto(person.runs);
  await hydrated(page);
  const link = page.getByRole("main").locator(`a[href='${person.page(run)}']`).first();
  await link.evaluate((link: HTMLAnchorElement, gone) => {
    link.href = gone;
    link.click();
  }, person.page({ id: NOBODY }));
  await expectLost(page, "No light at this door");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Flow runs" })).toBeVisible();
  await expect(page.getByRole("main").getByText(run.name)).toBeVisible();
});

test("heading and first rows are in the answer itself", async ({ page, person, signedIn }) => {
  const furnished = await furnish(person);
  for (const address of addresses(furnished)) await expectWithoutScripts(page.request, address);
});

test("open pages are in the answer itself", async ({ page }) => {
  for (const address of OPEN) await expectWithoutScripts(page.request, address);
});

/** It stands alone: no rail, and the one `<main>` of every page. */
async function expectLost(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await expectGoodLooks(page);
}

async function expectWithoutScripts(request: APIRequestContext, { path, heading, rows }: Address): Promise<void> {
  const answer = await request.get(path, { headers: { accept: "text/html" } });
  expect(answer.status(), path).toBe(200);
  // What scripts take over from the server is not what a reader sees.
  const shown = (await answer.text()).replace(/<script[^>]*>.*?<\/script>/gs, "").replace(/<!.*?>/gs, "");
  expect(shown, path).toMatch(new RegExp(`<h1[^>]*>.*${heading}`, "s"));
  for (const row of rows) expect(shown, `${path}: ${row}`).toContain(row);
}
