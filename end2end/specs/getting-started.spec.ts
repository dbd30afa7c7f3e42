/** The first steps of a new user, from registration to the page of the first run. */
import { expectAccessible } from "../support/accessibility";
import { terminalText } from "../support/terminal";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const LINE = "The fun is about to begin";

test("a new user registers, connects a client and sees the run", async ({ page, shell, context }, { project }) => {
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
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

  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  await expect(page.locator(".hero .card")).toContainText("Orkney Foods / production");
  expect((await page.locator(".hero .pic").boundingBox())?.height, "the picture has room for its card").toBeGreaterThan(200);
  await page.getByRole("link", { name: "Create workspace" }).click();
  await expect(page.getByRole("heading", { name: "New workspace" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill("Tide tables");
  await expect(page.getByLabel("Handle")).toHaveValue("tide-tables");
  await page.getByLabel("Description").fill("When the water comes");
  await page.getByRole("button", { name: "Create workspace" }).click();

  await expect(page.getByRole("heading", { name: "Run your first flow" })).toBeVisible();
  await expect(page.locator(".toast")).toHaveText("Workspace created");
  await expect(page.getByText(/^Waiting since \d\d:\d\d\. No client has connected$/)).toBeInViewport();
  await waitForHydration(page);
  await expectAccessible(page);
  await page.evaluate(() => Object.assign(window, { neverReloaded: true }));
  const script = await terminalText(page, "hello.py");
  const download = await page.getByRole("link", { name: "Download hello.py" }).getAttribute("href");
  expect(decodeURIComponent(download?.split(",")[1] ?? "")).toBe(`${script}\n`);

  const step = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
  const signIn = step("Sign in");
  await expect(signIn.locator(".what")).toContainText("--key YOUR_KEY -w");
  await expect(signIn.getByLabel("Key name")).toHaveValue("laptop");
  await signIn.getByRole("button", { name: "Create key" }).click();
  const copy = signIn.getByRole("button", { name: "Copy the commands for step 2" });
  await expect(copy).toBeFocused();
  await expect(signIn.getByRole("status")).toContainText("Key laptop created. It’s shown only in these commands, so copy them now.");
  await expect(signIn.locator(".what")).toContainText(/--key pnu_\w{4}…\w{5} -w/);
  await expectAccessible(page);
  await copy.click();
  await expect(signIn.getByText("Copied").first()).toBeAttached();
  const commands = await page.evaluate(() => navigator.clipboard.readText());

  await shell.run(`${await step("Install").locator(".what").innerText()}\n${commands}`);
  await expect(page.getByText("Client connected. Waiting for a run")).toBeVisible();
  shell.write("hello.py", script);
  await shell.run("python hello.py");

  await expect(page.getByRole("heading", { name: "Your first run has arrived" })).toBeVisible();
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
  await expect(page.locator(".toast", { hasText: "Workspace saved" })).toBeVisible();

  await page.getByRole("button", { name: "Delete workspace" }).click();
  const deleteDialog = page.getByRole("dialog", { name: "Delete Tides?" });
  const remove = deleteDialog.getByRole("button", { name: "Delete workspace" });
  await deleteDialog.getByLabel("Type tide-tables to confirm").fill("Tides");
  await expect(remove).toBeDisabled();
  await expectAccessible(page);
  await deleteDialog.getByLabel("Type tide-tables to confirm").fill("tide-tables");
  await remove.click();
  await expect(page.locator(".toast", { hasText: "Workspace deleted" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await expectAccessible(page);
});
