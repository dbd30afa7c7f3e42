/** The filter form of the run list matches the URL, and adds to the URL only what was chosen. */
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test.use({ timezoneId: "UTC" });

test("the filter form matches the URL after every navigation", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.finish(run, "FAILED", "No pilot");
  const menu = page.locator("summary", { hasText: "Filters" });
  const failed = page.getByLabel("Failed");
  const from = page.getByLabel(/^From/);
  const show = page.getByRole("button", { name: "Show runs" });
  const query = () => new URL(page.url()).search;

  await page.goto(person.runsPath);
  await waitForHydration(page);
  await menu.click();
  await failed.check();
  await from.fill("2026-01-02T03:04");
  await show.click();
  await expect(show).toBeHidden();
  expect(query()).toBe("?from=2026-01-02T03%3A04%3A00Z&state=failed");

  await page.getByRole("link", { name: "Remove the filter State" }).click();
  await menu.click();
  await expect(failed).not.toBeChecked();
  await expect(from).not.toHaveValue("");
  await page.keyboard.press("Escape");

  await page.goBack();
  await menu.click();
  await expect(failed).toBeChecked();
  await page.keyboard.press("Escape");
  await page.goBack();
  await menu.click();
  await expect(failed).not.toBeChecked();
  await expect(from).toHaveValue("");
  await show.click();
  await expect(show).toBeHidden();
  expect(query()).toBe("");
});
