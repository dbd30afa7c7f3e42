/** A dialog begins anew each time it opens: nothing is left of what was typed, or said, the last time. */
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("a new key is asked for anew", async ({ page, signedIn, watch }) => {
  watch.expects(/create-api-key|Failed to load/);
  await page.goto("/my/api-keys");
  await hydrated(page);
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

test("what was said of one key is not said of another", async ({ page, person, provost, signedIn, watch }) => {
  watch.expects(/delete-api-key|Failed to load/);
  await provost.admin("create-key", { user: person.handle, name: "abacus" });
  await page.goto("/my/api-keys");
  await hydrated(page);
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

test("a workspace's name is typed anew", async ({ page, person, signedIn, watch }) => {
  watch.expects(/delete-workspace|Failed to load/);
  await page.goto(`${person.workspace}/settings`);
  await hydrated(page);
  await page.route("**/ui/delete-workspace", (route) => route.abort("connectionrefused"));
  const open = page.getByRole("button", { name: "Delete workspace" });
  await open.click();
  const dialog = page.getByRole("dialog", { name: "Delete Harbour?" });
  const name = dialog.getByLabel("Type Harbour to confirm");
  const remove = dialog.getByRole("button", { name: "Delete workspace" });
  await name.fill("Harbour");
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

test("what is on its way is waited for", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys");
  await hydrated(page);
  let letGo = () => {};
  await page.route("**/ui/delete-api-key", async (route) => {
    await new Promise<void>((go) => (letGo = go));
    await route.continue();
  });
  await page.getByRole("button", { name: "Delete laptop" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete laptop?" });
  const asked = page.waitForRequest("**/ui/delete-api-key");
  await dialog.getByRole("button", { name: "Delete key" }).click();
  await asked;
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  letGo();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("No keys yet")).toBeVisible();
});
