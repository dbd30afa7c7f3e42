/** The form behind the list's filters goes with the address, and leaves nothing in it that was not chosen. */
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test.use({ timezoneId: "UTC" });

test("the form says what the address asks for, after every way there", async ({ page, person, signedIn }) => {
  const run = await person.client.run({ flow: "Tides" });
  await person.client.finish(run, "FAILED", "No pilot");
  const menu = page.locator("summary", { hasText: "Filters" });
  const failed = page.getByLabel("Failed");
  const from = page.getByLabel(/^From/);
  const show = page.getByRole("button", { name: "Show runs" });
  const query = () => new URL(page.url()).search;

  await page.goto(person.runs);
  await hydrated(page);
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
