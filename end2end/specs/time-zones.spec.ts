/** A browser far from UTC: times are in its zone, and hydration still finds the markup of the server. */
import type { Page } from "@playwright/test";
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
  await page.goto(person.runsPath);
  await expectLocalTime(page, page.getByRole("main").locator("time").first());
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  const second = await person.client.createRun({ flow: "Ships" });
  await person.client.finish(second);
  await expect(page.getByText(second.name)).toBeVisible();
  await expectLocalTime(page, page.getByRole("main").locator("time").first());
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

/** The element shows hour and minute of its `datetime` attribute in the given zone. */
async function expectLocalTime(page: Page, time: ReturnType<Page["locator"]>, timeZone = KOLKATA): Promise<void> {
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const localTime = at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  await expect(time).toContainText(localTime);
}
