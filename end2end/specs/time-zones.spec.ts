/** A reader far from UTC: times are theirs, and server and browser still draw the same page. */
import type { Page } from "@playwright/test";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

const KOLKATA = "Asia/Kolkata";
const LONDON = "Europe/London";

test.use({ timezoneId: KOLKATA });

test("a run's times are those of the reader's wall", async ({ page, person, signedIn }) => {
  const run = await person.client.run({ flow: "Tides" });
  await person.client.log(run, "The water is coming");
  await person.client.finish(run);
  await page.goto(person.page(run));
  const line = page.getByRole("log").getByRole("time").first();
  await expectWallTime(page, line);
  await expectWallTime(page, page.getByRole("main").locator("time").first());
});

test("the list's times are too, and stay so when a run comes in", async ({ page, person, signedIn }) => {
  const first = await person.client.run({ flow: "Tides" });
  await person.client.finish(first);
  await page.goto(person.runs);
  await expectWallTime(page, page.getByRole("main").locator("time").first());
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  const second = await person.client.run({ flow: "Ships" });
  await person.client.finish(second);
  await expect(page.getByText(second.name)).toBeVisible();
  await expectWallTime(page, page.getByRole("main").locator("time").first());
});

test("the list's filter takes and shows times of the reader's wall", async ({ page, person, signedIn }) => {
  const run = await person.client.run({ flow: "Tides" });
  const wall = (at: Date) => at.toLocaleString("sv-SE", { timeZone: KOLKATA }).replace(" ", "T").slice(0, 16);
  const hour = 3_600_000;
  await page.goto(person.runs);
  await hydrated(page);
  const from = async (at: Date) => {
    await page.locator("summary", { hasText: "Filters" }).click();
    await page.getByLabel(/^From/).fill(wall(at));
    await page.getByRole("button", { name: "Show runs" }).click();
  };
  const past = new Date(Date.now() - hour);
  await from(past);
  await expect(page.getByRole("link", { name: "Remove the filter Started" })).toBeVisible();
  await expect(page.getByText(run.name)).toBeVisible();
  await expect(page.locator(".token")).toContainText(wall(past).slice(11));
  await expect(page.locator(".token")).not.toContainText("UTC");
  const asked = new URL(page.url()).searchParams.get("from");
  expect(new Date(asked ?? "").getTime()).toBe(Math.floor(past.getTime() / 60_000) * 60_000);

  await from(new Date(Date.now() + hour));
  await expect(page.getByRole("heading", { name: "No runs match" })).toBeVisible();
});

test.describe("where clocks change", () => {
  test.use({ timezoneId: LONDON });

  test("a time of the other half of the year is that of the wall clock then", async ({ page, person, signedIn }) => {
    const run = await person.client.run({ flow: "Tides" });
    const [winter, summer] = ["2026-01-15T12:34:56Z", "2026-07-15T12:34:56Z"];
    for (const at of [winter, summer]) await person.client.log(run, at, 20, new Date(at));
    await page.goto(person.page(run));
    const times = page.getByRole("log").getByRole("time");
    await expect(times.first()).toContainText("12:34:56");
    await expect(times.last()).toContainText("13:34:56");
    for (const time of [times.first(), times.last()]) await expectWallTime(page, time, LONDON);
  });
});

/** It shows the hour and minute that its machine-readable time has in the reader's zone. */
async function expectWallTime(page: Page, time: ReturnType<Page["locator"]>, timeZone = KOLKATA): Promise<void> {
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const wall = at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  await expect(time).toContainText(wall);
}
