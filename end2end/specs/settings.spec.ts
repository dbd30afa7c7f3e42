/** The form of a workspace's settings. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const name = (page: Page) => page.getByLabel("Name", { exact: true });
const save = (page: Page) => page.getByRole("button", { name: "Save changes" });
const question = (page: Page) => page.getByRole("dialog", { name: "Leave without saving?" });

test.beforeEach(async ({ page, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  // By a link, so that Back stays within the document.
  await page.getByRole("link", { name: "Edit Harbour" }).click();
  await expect(name(page)).toHaveValue("Harbour");
});

test("only changes can be saved, and one toast confirms it", async ({ page }) => {
  await expect(save(page)).toBeDisabled();
  await name(page).fill("Quay");
  await expect(save(page)).toBeEnabled();
  await name(page).fill("Harbour");
  await expect(save(page)).toBeDisabled();

  await page.getByLabel("Description").fill("Ships");
  await save(page).click();
  const toast = page.locator(".toast");
  await expect(toast).toHaveText("Workspace saved");
  await expect(page.getByRole("main").getByText("Workspace saved"), "no banner says the same").toBeHidden();
  await expect(save(page)).toBeDisabled();
  await expect(page.getByLabel("Description")).toHaveValue("Ships");

  await name(page).fill(" Quay  ");
  await save(page).click();
  await expect(page.getByRole("navigation", { name: "Breadcrumb" })).toContainText("Quay");
  await expect(toast).toHaveText("Workspace saved");
  await expect(name(page)).toHaveValue("Quay");
  await expect(save(page)).toBeDisabled();
});

test("leaving with unsaved changes asks first", async ({ page, person }) => {
  const help = page.getByRole("navigation", { name: "More" }).getByRole("link", { name: "Help" });
  await name(page).fill("Quay");
  await help.click();
  await expect(question(page)).toContainText("Your changes to the name and description will be lost.");
  await question(page).getByRole("button", { name: "Stay" }).click();
  await expect(question(page)).toBeHidden();
  await expect(name(page)).toHaveValue("Quay");
  expect(new URL(page.url()).pathname).toBe(`${person.workspacePath}/settings`);

  await page.evaluate(() => history.back());
  await expect(question(page)).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`${person.workspacePath}/settings`);
  await page.keyboard.press("Escape");
  await expect(question(page)).toBeHidden();
  await expect(name(page)).toHaveValue("Quay");

  await help.click();
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  await page.goBack();
  await expect(name(page)).toHaveValue("Harbour");
  await help.click();
  await expect(page.getByRole("heading", { level: 1, name: "Help" }), "nothing is unsaved").toBeVisible();
});

test("leaving by Back is possible once it is confirmed", async ({ page, person }) => {
  await page.getByRole("navigation", { name: "More" }).getByRole("link", { name: "Help" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  await page.goBack();
  await name(page).fill("Quay");
  await page.evaluate(() => history.forward());
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  await page.goBack();
  await expect(name(page)).toHaveValue("Harbour");
  expect(new URL(page.url()).pathname).toBe(`${person.workspacePath}/settings`);
});

test("the browser asks before it loads another document", async ({ page }) => {
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  await page.reload();
  await waitForHydration(page);
  expect(asked, "nothing is unsaved").toEqual([]);
  await name(page).pressSequentially("!");
  await page.reload();
  expect(asked).toEqual(["beforeunload"]);
});

test("a handle confirms the deletion of a name that is hard to type", async ({ page, person }) => {
  const path = await person.createWorkspace("Müñchner  Wetter 🦊");
  await page.goto(`${path}/settings`);
  await waitForHydration(page);
  await page.getByRole("button", { name: "Delete workspace" }).click();
  const dialog = page.getByRole("dialog", { name: /^Delete Müñchner/ });
  await dialog.getByLabel(/^Type [a-z-]+ to confirm$/).fill("munchner-wetter");
  await dialog.getByRole("button", { name: "Delete workspace" }).click();
  await expect(page.locator(".toast")).toHaveText("Workspace deleted");
  await expect(page.getByRole("article")).toHaveCount(1);
});
