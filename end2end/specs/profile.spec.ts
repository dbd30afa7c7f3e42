/** The settings of a person: names and handle, appearance and time zone, sessions, deleting the account. */
import { readFileSync } from "node:fs";
import type { BrowserContext, Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { accountMenu } from "../support/account-menu";
import { waitForHydration } from "../support/monitor";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

/** By zone, the texts that the server renders for times around the changes of its offset. */
const ZONE_TEXTS: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL("../support/zone-texts.json", import.meta.url), "utf8"),
);

const html = (page: Page) => page.locator("html");

async function open(page: Page, path = "/my/profile"): Promise<void> {
  await page.goto(path);
  await waitForHydration(page);
}

/** Chooses in the card of the appearance and saves it. */
async function choose(page: Page, options: string[], zone = ""): Promise<void> {
  for (const name of options) await page.getByRole("main").getByText(name, { exact: true }).click();
  await page.getByLabel("Time zone").selectOption(zone);
  await page.getByRole("button", { name: "Save appearance" }).click();
  await expect(page.getByText("Appearance saved.")).toBeVisible();
}

/** Another browser in which the person is signed in. */
async function anotherBrowser(page: Page, person: Person, options = {}): Promise<BrowserContext> {
  const context = await page.context().browser()!.newContext({ baseURL: person.provost.url, ...options });
  await person.signInByRequest(context);
  return context;
}

test("names and handle are saved, and an old handle still works", async ({ page, person, signedIn, provost }) => {
  await open(page);
  await page.getByLabel("First name").fill("Isla");
  await page.getByLabel("Last name").fill("Fraser");
  await page.getByLabel("Handle").fill("A handle!");
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(page.getByLabel("Handle")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText(/letters a to z/)).toBeVisible();
  const handle = `isla-${person.handle}`;
  await page.getByLabel("Handle").fill(handle);
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(page.locator(".toast")).toHaveText("Profile saved");
  await expect(accountMenu(page)).toContainText("Isla Fraser");
  await expect(page.getByText(`${person.handle} is kept for you until`)).toBeVisible();
  await expectAccessible(page);
  for (const user of [person.handle, handle]) {
    await provost.admin("create-key", { user, name: user });
    await provost.admin("create-workspace", { account: user, name: `Of ${user}` });
  }
  await page.reload();
  await expect(page.getByLabel("First name")).toHaveValue("Isla");
  await expect(page.getByLabel("Handle")).toHaveValue(handle);
});

test("the appearance is that of the person in every browser", async ({ page, person, signedIn, isMobile }) => {
  await open(page);
  await choose(page, ["Dark", "Compact", "Clear for colour blindness"]);
  for (const [name, value] of [["theme", "dark"], ["density", "compact"], ["palette", "clear"]]) {
    await expect(html(page)).toHaveAttribute(`data-${name}`, value);
  }
  await expectAccessible(page);
  const row = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--row").trim());
  expect(await row(), "phones keep the room that fingers need").toBe(isMobile ? "44px" : "34px");

  const context = await anotherBrowser(page, person);
  // From the first byte, without a script.
  for (const path of ["/", person.runsPath, "/help"]) {
    const text = await (await context.request.get(path)).text();
    expect(text.slice(0, 300), path).toMatch(/<html [^>]*data-theme="dark" data-palette="clear" data-density="compact"/);
  }
  await context.close();
});

test("a theme from the account menu is kept with the person", async ({ page, person, signedIn }) => {
  await open(page, "/");
  await accountMenu(page).click();
  const kept = page.waitForResponse((response) => response.url().endsWith("/ui/set-theme"));
  await page.getByRole("button", { name: "Dark" }).click();
  await kept;
  const context = await anotherBrowser(page, person);
  expect(await (await context.request.get("/")).text()).toContain('data-theme="dark"');
  await context.close();
  await open(page, "/my/profile");
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
});

test("a person who signs in gets their appearance without loading a document", async ({ page, person, browser, provost }) => {
  const before = await browser.newContext({ baseURL: provost.url });
  await person.signInByRequest(before);
  const setUp = await before.newPage();
  await open(setUp);
  await choose(setUp, ["Dark", "Compact"], "Asia/Tokyo");
  await before.close();

  await page.goto("/sign-in");
  await person.signIn(page);
  await expect(page.getByRole("article")).toContainText("Harbour");
  await expect(html(page)).toHaveAttribute("data-theme", "dark");
  await expect(html(page)).toHaveAttribute("data-density", "compact");
  await page.goto("/my/api-keys");
  await expectTimesIn(page, "Asia/Tokyo");
});

test.describe("in a browser in London", () => {
  test.use({ timezoneId: "Europe/London" });

  test("times are in the chosen zone, before and after hydration", async ({ page, person, signedIn }) => {
    await open(page);
    await choose(page, [], "Pacific/Chatham");
    const now = new Date().toLocaleTimeString("en-GB", { timeZone: "Pacific/Chatham", hour: "2-digit" });
    await expect(page.getByText(new RegExp(`It’s ${now}:\\d\\d now`))).toBeVisible();
    const run = await person.client.createRun({ flow: "Tides" });
    await person.client.finish(run);
    await page.goto(person.runPath(run));
    await waitForHydration(page);
    await expectTimesIn(page, "Pacific/Chatham");
    const plain = await anotherBrowser(page, person, { javaScriptEnabled: false, timezoneId: "Europe/London" });
    const unhydrated = await plain.newPage();
    await unhydrated.goto(person.runPath(run));
    await expectTimesIn(unhydrated, "Pacific/Chatham");
    await expect(unhydrated.locator("main noscript p")).toHaveText("Times are in Pacific/Chatham.");
    await plain.close();
  });

  test("moments of filters are in the chosen zone", async ({ page, person, signedIn }) => {
    await open(page);
    await choose(page, [], "Asia/Kolkata");
    await page.goto(person.runsPath);
    await waitForHydration(page);
    await page.locator("summary", { hasText: "Filters" }).click();
    await page.getByLabel("From").fill("2026-03-17T09:30:00");
    await page.getByRole("button", { name: "Show runs" }).click();
    await expect(page).toHaveURL(/from=2026-03-17T04(:|%3A)00(:|%3A)00/);
    await expect(page.getByText("from 17 March 2026, 09:30").first()).toBeVisible();
  });
});

test("server and browser show the same texts in 40 zones around the changes of their clocks", async ({ page }) => {
  await page.goto("/sign-in");
  expect(Object.keys(ZONE_TEXTS)).toHaveLength(40);
  const differences = await page.evaluate((zones) => {
    const { chooseZone, chosenOffset } = window as unknown as {
      chooseZone: (name: string) => boolean;
      chosenOffset: (minutes: number) => number;
    };
    const text = (at: number, timeZone: string): string => {
      const options = { timeZone, hourCycle: "h23", weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
      const format = new Intl.DateTimeFormat("en-GB", { ...options, hour: "2-digit", minute: "2-digit", second: "2-digit" });
      const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
      return `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}:${part.second}`;
    };
    const found: string[] = [];
    for (const [zone, texts] of Object.entries(zones)) {
      if (!chooseZone(zone)) found.push(`${zone} is not known`);
      for (const [time, expected] of Object.entries(texts)) {
        const at = Date.parse(time);
        // The pages compute the offset by `Intl` and write the text themselves.
        const byOffset = text(at + chosenOffset(at / 60_000) * 60_000, "UTC");
        if (text(at, zone) !== expected) found.push(`${zone} ${time}: ${text(at, zone)} instead of ${expected}`);
        if (byOffset !== expected) found.push(`${zone} ${time}: offset of ${byOffset} instead of ${expected}`);
      }
    }
    return found;
  }, ZONE_TEXTS);
  expect(differences).toEqual([]);
});

test("sessions of other browsers are ended", async ({ page, person, signedIn, isMobile }) => {
  const phone = await anotherBrowser(page, person, { userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
  const others = [await anotherBrowser(page, person), await anotherBrowser(page, person)];
  await open(page, "/my/sessions");
  const rows = page.getByRole("table", { name: "Sessions" }).getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(4);
  await expect(rows.first()).toContainText("This browser, with password");
  await expect(rows.first()).toContainText(isMobile ? "Chrome on Android" : "Chrome on Linux");
  await expect(rows.first()).toContainText("127.0.0.1");
  await expectAccessible(page);
  await page.getByRole("button", { name: "End Firefox on Linux" }).click();
  await expect(page.locator(".toast")).toHaveText("Session ended");
  await expect(rows).toHaveCount(3);
  expect((await phone.request.get("/my/sessions", { maxRedirects: 0 })).status()).toBe(302);
  await page.getByRole("button", { name: "End 2 other sessions" }).click();
  await expect(rows).toHaveCount(1);
  for (const other of [phone, ...others]) {
    expect((await other.request.get("/my/sessions", { maxRedirects: 0 })).status()).toBe(302);
    await other.close();
  }
});

test("the socket of an ended session closes", async ({ page, person, signedIn, monitor }) => {
  const other = await anotherBrowser(page, person);
  monitor.observe(other);
  monitor.allow(/401/);
  const run = await person.client.createRun({ flow: "Tides" });
  const elsewhere = await other.newPage();
  const closed = elsewhere.waitForEvent("websocket").then((socket) => socket.waitForEvent("close"));
  await elsewhere.goto(person.runPath(run));
  await expect(elsewhere.getByRole("banner").getByRole("status")).toHaveText("Live");
  await open(page, "/my/sessions");
  await page.getByRole("button", { name: "End 1 other session" }).click();
  await closed;
  // The page notices by itself.
  await expect(elsewhere.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await other.close();
});

test("an account is deleted after its handle was typed", async ({ page, person, signedIn }) => {
  await open(page);
  const typed = page.getByLabel(`Type ${person.handle} to confirm`);
  await typed.fill("another");
  await page.getByRole("button", { name: "Delete account" }).click();
  await expect(typed).toHaveAttribute("aria-invalid", "true");
  await typed.fill(person.handle);
  await page.getByRole("button", { name: "Delete account" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/my/profile");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await person.signIn(page);
  await expect(page.getByText("The email or password is incorrect.")).toBeVisible();
  const response = await fetch(`${person.provost.url}/api/me/workspaces`, { headers: { authorization: `Bearer ${person.key}` } });
  expect(response.status, "the key is gone").toBe(401);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("profile, appearance and sessions are changed", async ({ page, person, signedIn }) => {
    await page.goto("/my/profile");
    await page.getByLabel("Last name").fill("Fraser");
    await page.getByRole("button", { name: "Save profile" }).click();
    await expect(page.getByText("Profile saved.")).toBeVisible();
    await expect(page.getByLabel("Last name")).toHaveValue("Fraser");
    await choose(page, ["Light", "Compact"], "Europe/Lisbon");
    await expect(html(page)).toHaveAttribute("data-theme", "light");
    const other = await anotherBrowser(page, person);
    await page.goto("/my/sessions");
    await page.getByRole("button", { name: "End 1 other session" }).click();
    await expect(page.getByRole("button", { name: "End 1 other session" })).toBeHidden();
    await other.close();
  });
});

/** The tooltip of the first time of the page is what `Intl` formats in this zone. */
async function expectTimesIn(page: Page, timeZone: string): Promise<void> {
  const time = page.getByRole("main").locator("time").first();
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const clock = at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  await expect(time).toHaveAttribute("title", new RegExp(`, ${clock}$`));
}
