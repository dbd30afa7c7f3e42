/** What a change of the page does to the place in it: scroll position, focus, announcement. */
import type { Page } from "@playwright/test";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const scrollTop = (page: Page): Promise<number> => page.evaluate(() => Math.round(scrollY));
const announcement = (page: Page) => page.locator("body > .sr[aria-live=polite]");

/** A list that is longer than the window, scrolled to `y`. */
async function openScrolledList(page: Page, person: Person, y: number): Promise<void> {
  for (let number = 0; number < 40; number++) await person.client.createRun({ flow: `Tide ${number}`, state: "RUNNING" });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  await page.evaluate((y) => scrollTo(0, y), y);
  await expect.poll(() => page.evaluate(() => history.state?.y)).toBe(y);
}

test("Back returns to the row, and its link has the focus", async ({ page, person, signedIn }) => {
  test.setTimeout(120_000);
  await openScrolledList(page, person, 900);
  const row = page.getByRole("main").getByRole("link", { name: /^Tide 15 / });
  const path = await row.getAttribute("href");
  await row.click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await expect(page.locator("h1")).toBeFocused();
  expect(await scrollTop(page)).toBe(0);

  await page.getByRole("main").getByRole("link", { name: /^States/ }).click();
  await expect(page).toHaveURL(/tab=states$/);
  await page.goBack();
  await page.goBack();
  await expect(row).toBeFocused();
  expect(await scrollTop(page)).toBe(900);
  await expect(announcement(page)).toHaveText(/^Flow runs/);

  await page.goForward();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  expect(await scrollTop(page)).toBe(0);
});

test("a reload keeps the place", async ({ page, person, signedIn }) => {
  test.setTimeout(120_000);
  await openScrolledList(page, person, 640);
  await page.reload();
  await waitForHydration(page);
  expect(await scrollTop(page)).toBe(640);
});

test("a new page announces its title, and the focus is at its heading", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const visit = async (link: RegExp, title: RegExp) => {
    await page.getByRole("link", { name: link }).filter({ visible: true }).first().click();
    await expect(page).toHaveTitle(title);
    await expect(page.locator("h1")).toBeFocused();
    await expect(announcement(page)).toHaveText(title);
  };
  await visit(new RegExp(run.name), new RegExp(`^Tides / ${run.name}`));
  await visit(/^Artifacts/, /^Artifacts/);
  await visit(/^Variables/, /^Variables/);
  await visit(/^Flow runs/, /^Flow runs/);
});

test("filters and tabs leave the focus where it is", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const states = page.getByRole("main").getByRole("link", { name: /^States/ });
  await states.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/tab=states$/);
  await expect(states).toBeFocused();
});
