/** Single keys. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";
import { populate } from "../support/workspace";

/** The dialog with all shortcuts. */
const shortcuts = (page: Page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });

test("j and k move through the rows of every list, Enter opens one", async ({ page, person, signedIn }) => {
  const fixture = await populate(person);
  const { workspacePath, runsPath, variablesPath } = person;
  const artifacts = `${workspacePath}/artifacts`;
  for (const path of [runsPath, artifacts, `${artifacts}?view=list`, variablesPath, "/"]) {
    await page.goto(path);
    await waitForHydration(page);
    const links = page.getByRole("main").locator("a.name");
    await page.keyboard.press("j");
    await expect(links.nth(0), path).toBeFocused();
    await page.keyboard.press("j");
    const last = Math.min(1, (await links.count()) - 1);
    await expect(links.nth(last), path).toBeFocused();
    await page.keyboard.press("k");
    await expect(links.nth(0), path).toBeFocused();
  }
  await page.goto(runsPath);
  await waitForHydration(page);
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: new RegExp(fixture.pending.name) })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: fixture.pending.name })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("link", { name: new RegExp(fixture.pending.name) })).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  await expect(page.getByRole("heading", { level: 1, name: fixture.failed.name })).toBeVisible();
});

test("a slash goes to the search, or opens the filters", async ({ page, person, signedIn }) => {
  await person.client.createVariable("tide", "high");
  await page.goto(person.variablesPath);
  await waitForHydration(page);
  await page.keyboard.press("/");
  const search = page.getByRole("main").getByRole("searchbox");
  await expect(search).toBeFocused();
  // A field takes these keys as text.
  await page.keyboard.type("jgk?/");
  await expect(search).toHaveValue("jgk?/");
  await expect(shortcuts(page)).toBeHidden();

  await page.goto(person.runsPath);
  await waitForHydration(page);
  await page.keyboard.press("/");
  await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
});

test("g and a letter go to a section", async ({ page, person, signedIn }) => {
  await page.goto(person.runsPath);
  await waitForHydration(page);
  for (const [letter, heading] of [
    ["a", "Artifacts"],
    ["v", "Variables"],
    ["s", "Workspace settings"],
    ["r", "Flow runs"],
    ["h", "Help"],
    ["w", "Workspaces"],
    ["k", "Your settings"],
  ]) {
    if (letter === "h") await page.goto(person.runsPath);
    await waitForHydration(page);
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await expect(page.getByRole("heading", { level: 1 }), letter).toHaveText(heading);
  }
  // Outside of a workspace there are no variables to go to.
  await page.keyboard.press("g");
  await page.keyboard.press("v");
  await page.keyboard.press("?");
  await expect(shortcuts(page)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your settings");
});

test("the dialog lists the shortcuts and turns them off", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  const row = page.getByRole("link", { name: new RegExp(run.name) });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  await page.keyboard.press("?");
  await expect(shortcuts(page).getByText("Go to flow runs")).toBeVisible();
  await shortcuts(page).getByLabel("Use these shortcuts").uncheck();
  await page.keyboard.press("Escape");
  await expect(shortcuts(page)).toBeHidden();
  await page.keyboard.press("j");
  await page.keyboard.press("?");
  await expect(shortcuts(page)).toBeHidden();
  await expect(row).not.toBeFocused();

  await page.reload();
  await waitForHydration(page);
  await page.keyboard.press("j");
  await expect(row).not.toBeFocused();
  await page.getByRole("complementary").locator("summary").click();
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await shortcuts(page).getByLabel("Use these shortcuts").check();
  await shortcuts(page).getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("j");
  await expect(row).toBeFocused();
});

test("the help page lists the shortcuts of the dialog", async ({ page, signedIn }) => {
  await page.goto("/help");
  await waitForHydration(page);
  const card = page.getByRole("main").locator(".card", { has: page.getByRole("heading", { name: "Keyboard shortcuts" }) });
  const listed = await card.locator("dt, dd").allInnerTexts();
  await page.keyboard.press("?");
  await expect(shortcuts(page).getByText("Go to flow runs")).toBeVisible();
  const shown = await shortcuts(page).locator("dt, dd").allInnerTexts();
  const words = (texts: string[]) => texts.map((text) => text.replace(/\s+/g, " ").trim());
  expect(listed.length).toBeGreaterThan(10);
  expect(words(listed)).toEqual(words(shown));
});

test("keys with Ctrl are the browser's", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  await page.keyboard.press("Control+j");
  await page.keyboard.press("Alt+j");
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: new RegExp(run.name) })).toBeFocused();
});
