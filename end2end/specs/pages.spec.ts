/** Every page, wide and narrow, as the server renders it before scripts run; long names, parts that fail to load, unknown URLs. */
import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import { ADMIN_PATHS, type PageExpectation, signedInPages, populate, PUBLIC_PAGES, routePatterns } from "../support/workspace";
import { expectAccessible } from "../support/accessibility";
import { Person } from "../support/person";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

test("the commands of the help page break between words", async ({ page, signedIn }) => {
  await page.goto("/help");
  const [words, broken] = await page.locator("code").evaluateAll((codes) => {
    const range = document.createRange();
    const lines = codes.flatMap((code) => {
      const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
      const lines: [word: string, lines: number][] = [];
      while (walker.nextNode()) {
        const text = walker.currentNode as Text;
        for (const { 0: word, index } of text.data.matchAll(/[^\s=/-]+/g)) {
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          lines.push([word, range.getClientRects().length]);
        }
      }
      return lines;
    });
    return [lines.length, lines.filter(([, count]) => count > 1)];
  });
  expect(words).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});

test("days of a workspace’s chart tell their runs", async ({ page, person, signedIn }) => {
  await person.client.finish(await person.client.createRun({ flow: "Tides" }));
  await page.goto("/");
  const days = page.getByRole("article").locator(".history-chart title");
  await expect(days).toHaveCount(30);
  await expect(days.last()).toHaveText(/^\w+day \d+ \w+: 1 completed$/);
  await expect(days.first()).toHaveText(/: no runs$/);
});

test("the page list of these tests covers every route", async ({ person }) => {
  const known = [...PUBLIC_PAGES, ...signedInPages(await populate(person))].map(({ path }) => path.split("?")[0]).concat(ADMIN_PATHS);
  const pages = routePatterns();
  expect(pages.length, "the routes are read").toBeGreaterThan(10);
  const unknown = pages.filter((page) => !known.some((path) => page.test(path)));
  expect(unknown.map(String)).toEqual([]);
});

test("of long names the last part stays visible", async ({ page, provost, context }) => {
  const account = "Ída Müller-Ōkami of the Harbour Master’s Office at Leith and Granton";
  const person = await Person.create(provost, undefined, account);
  const name = "Tide tables, currents and the nightly report on the water level of every single port";
  const path = await person.createWorkspace(name);
  await person.signInByRequest(context);
  await page.goto("/");
  const card = page.getByRole("article").filter({ hasText: name });
  const title = card.getByRole("heading");
  await expect(title).toHaveText(`${account} / ${name}`);
  const [of, link] = await widths(title.locator(".of, .name"));
  expect(of, "a few letters of the account are left").toBeGreaterThan(15);
  expect(link).toBeGreaterThan(4 * of);

  await page.goto(`${path}/artifacts`);
  const [step, last] = (await widths(page.getByRole("navigation", { name: "Breadcrumb" }).locator("a, b"))).slice(-2);
  expect(step).toBeGreaterThan(15);
  expect(last, "the current page is not cut").toBeGreaterThan(50);
  await expectAccessible(page);
});

test("the account button is named by what it shows", async ({ page, person, signedIn }) => {
  await page.goto(person.runsPath);
  await expect(accountMenu(page)).toHaveAccessibleName(new RegExp(`^Account menu, ?${person.handle}`));
});

test("pages that other servers have lead to the flow runs", async ({ page, person, signedIn }) => {
  for (const other of ["dashboard", "flows", "work-pools/"]) {
    await page.goto(`${person.workspacePath}/${other}`);
    await expect(page.getByRole("heading", { level: 1, name: "Flow runs" })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(person.runsPath);
  }
});

test("a wasm part that fails to load shows a retry link", async ({ page, signedIn, monitor }) => {
  monitor.allow(/split_\w+\.wasm|Failed to (load|fetch)|\/api\/ready/);
  // While the server is not ready, the page does not load again by itself.
  await page.route(/split_(keys|auth)\.wasm|\/api\/ready/, (route) => route.abort());
  await page.goto("/");
  await waitForHydration(page);
  await accountMenu(page).click();
  await page.getByRole("link", { name: "API keys" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Can’t reach the server" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("Can’t load this page");
  await expect(page.getByRole("link", { name: /all workspaces/i }).filter({ visible: true })).toBeVisible();
  await expectAccessible(page);

  await page.context().clearCookies();
  await page.goto("/help");
  await waitForHydration(page);
  await page.getByRole("link", { name: "Sign in to create a key" }).click();
  await expectErrorPage(page, "Can’t reach the server");
  await expect(page.getByRole("main")).not.toContainText("500");
  await expect(page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/sign-in?to=/my/api-keys");
  await page.unrouteAll();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the document names its icons, its colours and what it is", async ({ page, request, context }) => {
  await page.goto("/sign-in");
  const href = async (rel: string) => (await page.locator(`link[rel=${rel}]`).getAttribute("href")) ?? "";
  for (const [path, type] of [
    ["/favicon.ico", "image/x-icon"],
    [await href("icon"), "image/svg+xml"],
    [await href("apple-touch-icon"), "image/png"],
  ]) {
    const icon = await request.get(path);
    expect([icon.status(), icon.headers()["content-type"]], path).toEqual([200, type]);
  }
  await expect(page.locator("meta[name=description]")).toHaveAttribute("content", /flow runs/);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const colors = page.locator("meta[name=theme-color]");
  await expect(colors).toHaveCount(2);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const color = await page.locator(`meta[name=theme-color][media*=${scheme}]`).getAttribute("content");
    expect(rgb(color), scheme).toBe(await background());
  }
  await context.addCookies([{ name: "provost-theme", value: "light", url: page.url() }]);
  await page.reload();
  await expect(colors).toHaveCount(1);
  expect(rgb(await colors.getAttribute("content"))).toBe(await background());
});

/** A colour as computed styles have it. */
function rgb(hex: string | null): string {
  const value = parseInt((hex ?? "").slice(1), 16);
  return `rgb(${value >> 16}, ${(value >> 8) & 255}, ${value & 255})`;
}

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

async function widths(elements: Locator): Promise<number[]> {
  return elements.evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().width));
}

async function expectServerRendered(request: APIRequestContext, { path, heading, rows }: PageExpectation): Promise<void> {
  const response = await request.get(path, { headers: { accept: "text/html" } });
  expect(response.status(), path).toBe(200);
  // Data for hydration in script elements and comments is not visible.
  const html = (await response.text()).replace(/<script[^>]*>.*?<\/script>/gs, "").replace(/<!.*?>/gs, "");
  expect(html, path).toMatch(new RegExp(`<h1[^>]*>.*${heading}`, "s"));
  for (const row of rows) expect(html, `${path}: ${row}`).toContain(row);
}
