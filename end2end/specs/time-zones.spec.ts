/** A browser far from UTC: times are in its zone, and hydration still finds the markup of the server. */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const KOLKATA = "Asia/Kolkata";
const LONDON = "Europe/London";

test.use({ timezoneId: KOLKATA });

test("run times are in the browser's time zone", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.log(run, "The water is coming");
  await person.client.finish(run);
  await page.goto(person.runPath(run));
  const line = page.getByRole("log").getByRole("time").first();
  await expectLocalTime(page, line);
  await expectLocalTime(page, page.getByRole("main").locator("time").first());
});

test("list times stay in the browser's zone after an update", async ({ page, person, signedIn }) => {
  const first = await person.client.createRun({ flow: "Tides" });
  await person.client.finish(first);
  const due = new Date(Date.now() + 86_400_000);
  await person.client.createRun({ flow: "Ships", state: "SCHEDULED", due });
  await page.goto(person.runsPath);
  const rows = page.getByRole("list", { name: "Flow runs" }).getByRole("listitem");
  await expect(rows.first().locator("time")).toHaveText(/^Started \d+s ago$/);
  await expectLocalTitle(rows.first());
  await expect(page.locator("summary", { hasText: "1 planned" })).toContainText(`tomorrow, ${hourAndMinute(due)}`);
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  const second = await person.client.createRun({ flow: "Ships" });
  await person.client.finish(second);
  await expect(rows.first()).toContainText(second.name);
  await expectLocalTitle(rows.first());
});

test("list filters use times in the browser's time zone", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  const localTime = (at: Date) => at.toLocaleString("sv-SE", { timeZone: KOLKATA }).replace(" ", "T").slice(0, 16);
  const hour = 3_600_000;
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const filterFrom = async (at: Date) => {
    await page.locator("summary", { hasText: "Filters" }).click();
    await page.getByLabel(/^From/).fill(localTime(at));
    await page.getByRole("button", { name: "Show runs" }).click();
  };
  const past = new Date(Date.now() - hour);
  await filterFrom(past);
  await expect(page.getByRole("link", { name: "Remove the filter Started" })).toBeVisible();
  await expect(page.getByText(run.name)).toBeVisible();
  await expect(page.locator(".token")).toContainText(localTime(past).slice(11));
  await expect(page.locator(".token")).not.toContainText("UTC");
  const fromParam = new URL(page.url()).searchParams.get("from");
  expect(new Date(fromParam ?? "").getTime()).toBe(Math.floor(past.getTime() / 60_000) * 60_000);

  await filterFrom(new Date(Date.now() + hour));
  await expect(page.getByRole("heading", { name: "No runs match" })).toBeVisible();
});

test.describe("in a zone with daylight saving time", () => {
  test.use({ timezoneId: LONDON });

  test("times use the UTC offset of their date", async ({ page, person, signedIn }) => {
    const run = await person.client.createRun({ flow: "Tides" });
    const [winter, summer] = ["2026-01-15T12:34:56Z", "2026-07-15T12:34:56Z"];
    for (const at of [winter, summer]) await person.client.log(run, at, 20, new Date(at));
    await page.goto(person.runPath(run));
    const times = page.getByRole("log").getByRole("time");
    await expect(times.first()).toContainText("12:34:56");
    await expect(times.last()).toContainText("13:34:56");
    for (const time of [times.first(), times.last()]) await expectLocalTime(page, time, LONDON);
  });
});

test("the first paint has the zone of the last visit, and hydration keeps it", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.finish(run);
  await page.goto("/");
  // Texts and live dot, before the wasm is there and afterwards.
  await page.addInitScript(() => {
    const seen = { times: [] as string[], dots: [] as string[] };
    Object.assign(window, { seen });
    const note = (texts: string[], selector: string): void => {
      const text = document.querySelector(selector)?.textContent;
      if (text && !texts.includes(text)) texts.push(text);
    };
    const read = (): void => {
      note(seen.times, "main dd time");
      note(seen.dots, "header .live");
    };
    new MutationObserver(read).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto(person.runPath(run));
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  const time = page.getByRole("main").locator("dd time").first();
  await expectLocalTime(page, time);
  const seen = await page.evaluate(() => (window as unknown as { seen: unknown }).seen);
  expect(seen).toEqual({ times: [await time.textContent()], dots: ["Connecting", "Live"] });
});

test("without scripts times are in the zone of the last visit", async ({ browser, person, signedIn, context }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.finish(run);
  const visit = await context.newPage();
  await visit.goto("/");
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const page = await plain.newPage();
  await page.goto(person.provost.url + person.runPath(run));
  await expectLocalTime(page, page.getByRole("main").locator("dd time").first());
  // Browsers may have an older name for the zone.
  const name = await visit.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  // `getByText` finds nothing within `noscript`.
  const notice = page.locator("main noscript p");
  await expect(notice).toHaveText(`Times are in ${name}.`);
  await expect(notice).toBeVisible();
  await plain.close();
});

test("a browser that has moved to another zone shows its own", async ({ browser, person, signedIn, context }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.log(run, "Before midnight", 20, new Date("2026-03-28T23:59:00Z"));
  await person.client.log(run, "After midnight", 20, new Date("2026-03-29T00:01:00Z"));
  const visit = await context.newPage();
  await visit.goto("/");
  const moved = await browser.newContext({ timezoneId: LONDON, storageState: await context.storageState() });
  const page = await moved.newPage();
  await page.goto(person.provost.url + person.runPath(run));
  const times = page.getByRole("log").getByRole("time");
  await expect(times.first()).toContainText("23:59:00");
  await expect(times.last()).toContainText("00:01:00");
  await expect(page.getByRole("log").locator(".day")).toHaveText(["Saturday 28 March", "Sunday 29 March"]);
  await moved.close();
});

test("the cookie has the changes of a zone with daylight saving time", async ({ browser, person }) => {
  const london = await browser.newContext({ timezoneId: LONDON });
  const page = await london.newPage();
  await page.goto(`${person.provost.url}/sign-in`);
  const cookie = (await london.cookies()).find(({ name }) => name === "provost-zone")?.value ?? "";
  expect(cookie).toMatch(/^Europe\/London~\d+\.\d+(~\d+\.(0|60))+$/);
  // 29 March 2026, 01:00 UTC, in minutes since 1970.
  expect(cookie).toContain(`~${Date.UTC(2026, 2, 29, 1) / 60_000}.60`);
  await london.close();
});

/** The element shows hour and minute of its `datetime` attribute in the given zone. */
async function expectLocalTime(page: Page, time: Locator, timeZone = KOLKATA): Promise<void> {
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  await expect(time).toContainText(hourAndMinute(at, timeZone));
}

/** The link of the row tells its time in the browser's zone. */
async function expectLocalTitle(row: Locator): Promise<void> {
  const at = new Date((await row.locator("time").getAttribute("datetime")) ?? "");
  const title = new RegExp(`Started .*, ${hourAndMinute(at)}:\\d\\d$`, "m");
  await expect(row.getByRole("link")).toHaveAttribute("title", title);
}

function hourAndMinute(at: Date, timeZone = KOLKATA): string {
  return at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
}
