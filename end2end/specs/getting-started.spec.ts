/** First light: from nothing to a run that somebody watches. */
import { expectGoodLooks } from "../house/looks";
import { textOf } from "../house/terminal";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

const LINE = "The fun is about to begin";

test("a stranger registers, connects the real client and sees the first run", async ({ page, shell }, { project }) => {
  test.setTimeout(180_000);
  const name = `Isla Fraser ${project.name}`;

  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectGoodLooks(page);

  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await expectGoodLooks(page);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Email").fill(`isla@${project.name}.example`);
  await page.getByLabel("Password").fill("a lamp outside the door");
  await expect(page.getByLabel("Handle")).toHaveValue(`isla-fraser-${project.name}`);
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page.getByRole("heading", { name: "New workspace" })).toBeVisible();
  await hydrated(page);
  await expectGoodLooks(page);
  await page.getByLabel("Name", { exact: true }).fill("Tide tables");
  await expect(page.getByLabel("Handle")).toHaveValue("tide-tables");
  await page.getByLabel("Description").fill("When the water comes");
  await page.getByRole("button", { name: "Create workspace" }).click();

  await expect(page.getByRole("heading", { name: "Now the first run" })).toBeVisible();
  await expect(page.getByText("No call from a client yet")).toBeVisible();
  await hydrated(page);
  await expectGoodLooks(page);
  await page.evaluate(() => Object.assign(window, { neverReloaded: true }));
  const script = await textOf(page, "hello.py");
  const download = await page.getByRole("link", { name: "Download hello.py" }).getAttribute("href");
  expect(decodeURIComponent(download?.split(",")[1] ?? "")).toBe(`${script}\n`);

  const keys = await page.context().newPage();
  await keys.goto("/my/api-keys");
  await expect(keys.getByText("No keys yet")).toBeVisible();
  await hydrated(keys);
  await expectGoodLooks(keys);
  await keys.getByRole("button", { name: "Create key" }).click();
  const making = keys.getByRole("dialog", { name: "Create an API key" });
  await expect(making).toBeVisible();
  await expectGoodLooks(keys);
  await making.getByLabel("Name").fill("laptop");
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = keys.getByRole("dialog", { name: "Copy your key now" });
  await expect(dialog).toBeVisible();
  await expectGoodLooks(keys);
  const commands = await textOf(dialog, "Connect a client");
  expect(commands).toContain(await dialog.locator(".copyf .what").innerText());
  await dialog.getByLabel("I’ve stored it").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  await expect(keys.getByText("laptop", { exact: true })).toBeVisible();
  await expectGoodLooks(keys);
  await keys.close();

  await shell.run(commands);
  await expect(page.getByText("A client is there. No run yet")).toBeVisible();
  shell.write("hello.py", script);
  await shell.run("python hello.py");

  await expect(page.getByRole("heading", { name: "Your first run is here" })).toBeVisible();
  await expect(page.locator(".firstpic").getByText("Completed").first()).toBeVisible();
  await expect(page.locator(".firstpic").getByText(LINE)).toBeVisible();
  await expectGoodLooks(page);
  await page.getByRole("link", { name: "Open the run" }).click();
  await expect(page.getByRole("log").getByText(LINE)).toBeVisible();
  await expect(page.getByRole("main").getByText("Completed").first()).toBeVisible();
  expect(await page.evaluate(() => "neverReloaded" in window), "the page was never loaded again").toBe(true);
  await expectGoodLooks(page);

  await page.getByRole("link", { name: /all workspaces/i }).click();
  await expect(page.getByRole("heading", { name: "Workspaces", exact: true })).toBeVisible();
  await expect(page.getByRole("article")).toContainText("Tide tables");
  await expectGoodLooks(page);

  await page.getByRole("link", { name: "Edit Tide tables" }).click();
  await expect(page.getByRole("heading", { name: "Workspace settings" })).toBeVisible();
  await expectGoodLooks(page);
  await page.getByLabel("Name", { exact: true }).fill("Tides");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Workspace saved").first()).toBeVisible();

  await page.getByRole("button", { name: "Delete workspace" }).click();
  const deleting = page.getByRole("dialog", { name: "Delete Tides?" });
  const remove = deleting.getByRole("button", { name: "Delete workspace" });
  await deleting.getByLabel("Type Tides to confirm").fill("tides");
  await expect(remove).toBeDisabled();
  await expectGoodLooks(page);
  await deleting.getByLabel("Type Tides to confirm").fill("Tides");
  await remove.click();
  await expect(page.getByRole("heading", { name: "Make a workspace to begin" })).toBeVisible();
  await expectGoodLooks(page);
});
