/** Pages with JavaScript off. */
import { accountMenu } from "../support/account-menu";
import { Person } from "../support/person";
import { expect, test } from "../support/test";

test.use({ javaScriptEnabled: false });

test("register, sign out and in, create and edit a workspace", async ({ page }, { project }) => {
  const email = `noscript@${project.name}.example`;
  await page.goto("/register");
  await page.getByLabel("Name", { exact: true }).fill("Ann Lee");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Ann Lee");
  await page.getByLabel("Password").fill("a lamp outside the door");
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await page.getByRole("link", { name: "Create workspace" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Harbour office");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByRole("heading", { name: "Run your first flow" })).toBeVisible();

  await page.getByRole("link", { name: /all workspaces/i }).click();
  await page.getByRole("link", { name: "Edit Harbour office" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Pilots");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Workspace saved.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Pilots");

  await accountMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You’re signed out.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("a lamp outside the door");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("article")).toContainText("Pilots");
});

test.describe("too many attempts", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("show a page with status 429", async ({ page, ownProvost, monitor }) => {
    monitor.allow(/429/);
    const person = await Person.create(ownProvost);
    await page.goto("/sign-in");
    let status = 200;
    page.on("response", (response) => {
      if (response.request().isNavigationRequest()) status = response.status();
    });
    await expect(async () => {
      await person.signIn(page, "not the right words");
      await page.waitForLoadState();
      expect(status).toBe(429);
    }).toPass({ intervals: [0] });
    await expect(page.getByText(/Too many attempts/)).toBeVisible();
  });
});

test("the log level is chosen with a plain form", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.log(run, "Only a murmur", 20);
  await person.client.log(run, "A clear warning", 30);
  await page.goto(person.runPath(run));
  await expect(page.getByText("Only a murmur")).toBeVisible();
  await page.getByLabel("Log level").selectOption("30");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText("A clear warning")).toBeVisible();
  await expect(page.getByText("Only a murmur")).toBeHidden();
});

test("filters open on the page and work with a plain form", async ({ page, person, signedIn }) => {
  const bad = await person.client.createRun({ flow: "Ships" });
  await person.client.finish(bad, "FAILED", "No pilot");
  const good = await person.client.createRun({ flow: "Tides" });
  await page.goto(person.runsPath);
  const opener = page.locator("summary", { hasText: "Filters" });
  await opener.click();
  await page.getByLabel("Failed").check();
  await opener.click();
  await expect(page.getByLabel("Failed")).toBeHidden();
  await opener.click();
  await page.getByRole("button", { name: "Show runs" }).click();
  await expect(page.getByText("1 flow run", { exact: true })).toBeVisible();
  await expect(page.getByText(bad.name)).toBeVisible();
  await expect(page.getByText(good.name)).toBeHidden();
});

test("artifacts are found with a plain form", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  await person.client.createArtifact({ key: "heights", type: "progress", data: 5, run });
  await person.client.createArtifact({ key: "notes", type: "markdown", data: "# Pilot" });
  await page.goto(`${person.workspacePath}/artifacts?view=list`);
  await expect(page.getByText("2 artifacts")).toBeVisible();
  await page.getByLabel("Search by key, flow or description").fill("tide");
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 artifact", { exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: "Artifacts" }).getByRole("listitem")).toContainText("heights");
  expect(new URL(page.url()).search).toBe("?view=list&search=tide");
});

test("no control that needs a script is visible", async ({ page, person, signedIn }) => {
  const { client } = person;
  const emptyPath = await person.createWorkspace("Quay");
  const withoutLogs = person.runPath(await client.createRun({ flow: "Tides", state: "RUNNING" }));
  const withLogs = await client.createRun({ flow: "Tides", state: "RUNNING" });
  await client.log(withLogs, "The water is coming");
  const staticPages = ["/my/api-keys", `${person.workspacePath}/settings`, `${person.workspacePath}/first-run`, "/help", person.runsPath, `${person.variablesPath}?new=`];
  const livePages = [`${emptyPath}/first-run`, `${emptyPath}/runs`, person.runPath(withLogs), withoutLogs, `${withoutLogs}?tab=task-runs`];
  staticPages.push(`${person.workspacePath}/artifacts`);
  livePages.push(`${emptyPath}/artifacts`);
  await client.createArtifact({ key: "tides", type: "markdown", data: "# High water" });
  for (const path of [...staticPages, ...livePages]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("button[type=button]:visible, .scripted:visible"), path).toHaveCount(0);
    const text = await page.getByRole("main").innerText();
    expect(text, path).not.toMatch(/automatically|as they’re written|New lines appear|Waiting since/);
    expect(text.includes("Reload the page to see updates."), path).toBe(livePages.includes(path));
  }
  await page.goto("/my/api-keys?search=lap");
  await expect(page.getByText("laptop", { exact: true })).toBeVisible();
});
