/** The first steps of a new user, from registration to the page of the first run. */
import { expectAccessible } from "../support/accessibility";
import { terminalText } from "../support/terminal";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const LINE = "The fun is about to begin";

test("a new user registers, connects a client and sees the run", async ({ page, shell }, { project }) => {
  test.setTimeout(180_000);
  const name = `Isla Fraser ${project.name}`;

  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Email").fill(`isla@${project.name}.example`);
  await page.getByLabel("Password").fill("a lamp outside the door");
  await expect(page.getByLabel("Handle")).toHaveValue(`isla-fraser-${project.name}`);
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page.getByRole("heading", { name: "New workspace" })).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill("Tide tables");
  await expect(page.getByLabel("Handle")).toHaveValue("tide-tables");
  await page.getByLabel("Description").fill("When the water comes");
  await page.getByRole("button", { name: "Create workspace" }).click();

  await expect(page.getByRole("heading", { name: "Now the first run" })).toBeVisible();
  await expect(page.getByText("No call from a client yet")).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  await page.evaluate(() => Object.assign(window, { neverReloaded: true }));
  const script = await terminalText(page, "hello.py");
  const download = await page.getByRole("link", { name: "Download hello.py" }).getAttribute("href");
  expect(decodeURIComponent(download?.split(",")[1] ?? "")).toBe(`${script}\n`);

  const keysPage = await page.context().newPage();
  await keysPage.goto("/my/api-keys");
  await expect(keysPage.getByText("No keys yet")).toBeVisible();
  await waitForHydration(keysPage);
  await expectAccessible(keysPage);
  await keysPage.getByRole("button", { name: "Create key" }).click();
  const createDialog = keysPage.getByRole("dialog", { name: "Create an API key" });
  await expect(createDialog).toBeVisible();
  await expectAccessible(keysPage);
  await createDialog.getByLabel("Name").fill("laptop");
  await createDialog.getByRole("button", { name: "Create key" }).click();
  const dialog = keysPage.getByRole("dialog", { name: "Copy your key now" });
  await expect(dialog).toBeVisible();
  await expectAccessible(keysPage);
  const commands = await terminalText(dialog, "Connect a client");
  expect(commands).toContain(await dialog.locator(".copyf .what").innerText());
  await dialog.getByLabel("I’ve stored it").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  await expect(keysPage.getByText("laptop", { exact: true })).toBeVisible();
  await expectAccessible(keysPage);
  await keysPage.close();

  await shell.run(commands);
  await expect(page.getByText("A client is there. No run yet")).toBeVisible();
  shell.write("hello.py", script);
  await shell.run("python hello.py");

  await expect(page.getByRole("heading", { name: "Your first run is here" })).toBeVisible();
  await expect(page.locator(".firstpic").getByText("Completed").first()).toBeVisible();
  await expect(page.locator(".firstpic").getByText(LINE)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Open the run" }).click();
  await expect(page.getByRole("log").getByText(LINE)).toBeVisible();
  await expect(page.getByRole("main").getByText("Completed").first()).toBeVisible();
  expect(await page.evaluate(() => "neverReloaded" in window), "the page was never loaded again").toBe(true);
  await expectAccessible(page);

  await page.getByRole("link", { name: /all workspaces/i }).click();
  await expect(page.getByRole("heading", { name: "Workspaces", exact: true })).toBeVisible();
  await expect(page.getByRole("article")).toContainText("Tide tables");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Edit Tide tables" }).click();
  await expect(page.getByRole("heading", { name: "Workspace settings" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill("Tides");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Workspace saved").first()).toBeVisible();

  await page.getByRole("button", { name: "Delete workspace" }).click();
  const deleteDialog = page.getByRole("dialog", { name: "Delete Tides?" });
  const remove = deleteDialog.getByRole("button", { name: "Delete workspace" });
  await deleteDialog.getByLabel("Type Tides to confirm").fill("tides");
  await expect(remove).toBeDisabled();
  await expectAccessible(page);
  await deleteDialog.getByLabel("Type Tides to confirm").fill("Tides");
  await remove.click();
  await expect(page.getByRole("heading", { name: "Make a workspace to begin" })).toBeVisible();
  await expectAccessible(page);
});
