/** A reader far from UTC: times are theirs, and server and browser still draw the same page. */
import type { Page } from "@playwright/test";
import { expect, test } from "../house/test";

const ZONE = "Asia/Kolkata";

test.use({ timezoneId: ZONE });

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

/** It shows the hour and minute that its machine-readable time has in the reader's zone. */
async function expectWallTime(page: Page, time: ReturnType<Page["locator"]>): Promise<void> {
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const wall = at.toLocaleTimeString("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
  await expect(time).toContainText(wall);
}
