/** A dialog opens without the input and errors of the last time, also while it is still closing. */
import type { Locator } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("create-key dialog opens empty after a failed attempt", async ({ page, signedIn, monitor }) => {
  monitor.allow(/create-api-key|Failed to load/);
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.route("**/ui/create-api-key", (route) => route.abort("connectionrefused"));
  const open = page.getByRole("button", { name: "Create key" });
  await open.first().click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("ci");
  await dialog.getByLabel("Expires").selectOption("Never");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await expect(open.first()).toBeFocused();

  await open.first().click();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await expect(dialog.getByLabel("Name")).toHaveValue("");
  await expect(dialog.getByLabel("Expires")).toHaveValue("30");
  await expect(dialog.getByRole("alert")).toBeHidden();
});

test("an error of one delete dialog does not show in another", async ({ page, person, provost, signedIn, monitor }) => {
  monitor.allow(/delete-api-key|Failed to load/);
  await provost.admin("create-key", { user: person.handle, name: "abacus" });
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.route("**/ui/delete-api-key", (route) => route.abort("connectionrefused"));
  await page.getByRole("button", { name: "Delete abacus" }).click();
  const abacus = page.getByRole("dialog", { name: "Delete abacus?" });
  await abacus.getByRole("button", { name: "Delete key" }).click();
  await expect(abacus.getByRole("alert")).toBeVisible();
  await abacus.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Delete abacus" })).toBeFocused();

  await page.getByRole("button", { name: "Delete laptop" }).click();
  const laptop = page.getByRole("dialog", { name: "Delete laptop?" });
  await expect(laptop.getByRole("button", { name: "Delete key" })).toBeVisible();
  await expect(laptop.getByRole("alert")).toBeHidden();
  await page.unrouteAll();
  await laptop.getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByText("laptop", { exact: true })).toBeHidden();
});

test("delete-workspace dialog opens empty after a failed attempt", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/delete-workspace|Failed to load/);
  await page.goto(`${person.workspacePath}/settings`);
  await waitForHydration(page);
  await page.route("**/ui/delete-workspace", (route) => route.abort("connectionrefused"));
  const open = page.getByRole("button", { name: "Delete workspace" });
  await open.click();
  const dialog = page.getByRole("dialog", { name: "Delete Harbour?" });
  const name = dialog.getByLabel("Type harbour to confirm");
  const remove = dialog.getByRole("button", { name: "Delete workspace" });
  await name.fill("harbour");
  await remove.click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await open.click();
  await expect(name).toBeFocused();
  await expect(name).toHaveValue("");
  await expect(remove).toBeDisabled();
  await expect(dialog.getByRole("alert")).toBeHidden();
});

test("a dialog cannot be closed while its request is pending", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  let release = () => {};
  await page.route("**/ui/delete-api-key", async (route) => {
    await new Promise<void>((resolve) => (release = resolve));
    await route.continue();
  });
  await page.getByRole("button", { name: "Delete laptop" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete laptop?" });
  const request = page.waitForRequest("**/ui/delete-api-key");
  await dialog.getByRole("button", { name: "Delete key" }).click();
  await request;
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  release();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("No keys yet")).toBeVisible();
});

test("a dialog and a sheet that are opened again while they close stay open", async ({ page, person, signedIn }) => {
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  const create = page.getByRole("button", { name: "Create key" }).first();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await create.click();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await closeAndOpen(dialog, create);
  await expect(dialog.getByLabel("Name")).toBeFocused();

  await page.goto(person.runsPath);
  await waitForHydration(page);
  const filters = page.locator("summary", { hasText: "Filters" });
  const sheet = page.getByRole("dialog", { name: "Filters" });
  await filters.click();
  await expect(sheet.getByLabel("When")).toBeFocused();
  await closeAndOpen(sheet, filters);
  await expect(sheet.getByLabel("When")).toBeFocused();
});

/** Closes a dialog and opens it again before the browser has sent the `close` event, which it then waits for. */
async function closeAndOpen(dialog: Locator, opener: Locator): Promise<void> {
  const button = await opener.elementHandle();
  await dialog.evaluate(async (element, button) => {
    const closed = new Promise((resolve) => element.addEventListener("close", resolve, { once: true }));
    (element as HTMLDialogElement).close();
    (button as HTMLElement).click();
    await closed;
  }, button);
}
