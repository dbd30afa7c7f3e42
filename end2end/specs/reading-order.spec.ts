/**
 * The order in which a screen reader reads a page: the skip link, the navigation, then the page with its heading, and its content in
 * the order in which people see it.
 */
import type { Page } from "@playwright/test";
import { waitForHydration } from "../support/monitor";
import { expect, test } from "../support/test";

/** The frame above the page, outside of a workspace. On a phone there is no rail, and the menu is in the banner. */
const PERSONAL = `
- link "Skip to content"
- complementary "Provost":
  - link "Provost, all workspaces"
  - navigation "More":
    - link "Help"
- banner:
  - navigation "Breadcrumb"`;

const IN_WORKSPACE = `
- link "Skip to content"
- complementary "Provost":
  - link "Provost, all workspaces"
  - navigation "Workspace":
    - link "Flow runs"
    - link "Artifacts"
  - navigation "Configure":
    - link "Variables"
  - navigation "More":
    - link "Workspace settings"
    - link "Help"
- banner:
  - navigation "Breadcrumb"`;

const ON_A_PHONE = `
- link "Skip to content"
- banner:
  - link "All workspaces"
  - navigation "Breadcrumb"`;

/** Follows the page on phones. */
const DOCK = `
- navigation "Sections":
  - link "Flow runs"
  - link "Artifacts"
  - link "Variables"
  - link "Workspace settings"`;

const WORKSPACES = `
- main:
  - heading "Workspaces" [level=1]
  - link "Create workspace"
  - article:
    - heading /Harbour/ [level=2]
  - article:
    - heading /Quay/ [level=2]`;

const FIRST_RUN = `
- main:
  - heading "Run your first flow" [level=1]
  - list:
    - listitem:
      - group:
        - heading "Install" [level=2]
    - listitem:
      - group:
        - heading "Sign in" [level=2]
    - listitem:
      - heading "Run" [level=2]
  - heading "No runs yet" [level=2]`;

const RUNS = `
- main:
  - heading "Flow runs" [level=1]
  - search
  - list "Flow runs":
    - listitem:
      - link /Ships/
    - listitem:
      - link /Tides/`;

const FAILED_RUN = `
- main:
  - heading /^Ships/ [level=1]
  - term: Started
  - term: Ran for
  - region "First error":
    - link "call-pilot"
    - link "Show in logs"
  - navigation "Run sections":
    - link /^Logs/
    - link /^Task runs/
    - link /^Parameters/
    - link /^States/
  - combobox "Log level"
  - button /^Copy/
  - log "Log lines"`;

const KEYS = `
- main:
  - heading "Your settings" [level=1]
  - navigation "Your settings":
    - link "Profile"
    - link "Sign-in"
    - link "Sessions"
    - link "API keys"
  - button "Create key"
  - table "API keys"`;

const PROFILE = `
- main:
  - heading "Your settings" [level=1]
  - navigation "Your settings"
  - textbox "First name"
  - textbox /^Last name/
  - textbox "Handle"
  - button "Save profile"
  - heading "Email" [level=2]
  - textbox "New email"
  - button "Change email"
  - heading "Appearance" [level=2]
  - combobox "Time zone"
  - button "Save appearance"
  - heading "Delete your account" [level=2]
  - button "Delete account"`;

const SIGN_IN_METHODS = `
- main:
  - heading "Your settings" [level=1]
  - navigation "Your settings"
  - heading "Sign-in methods" [level=2]
  - list "Sign-in methods"
  - heading "Change your password" [level=2]
  - textbox "Current password"
  - textbox "New password"
  - button "Change password"`;

const SESSIONS = `
- main:
  - heading "Your settings" [level=1]
  - navigation "Your settings"
  - table "Sessions"
  - paragraph:
    - link "API keys"`;

const CONFIRM = `
- main:
  - heading "Confirm that it’s you" [level=1]
  - textbox "Your password"
  - button "Confirm"`;

/** Pages without the frame. */
const PUBLIC: Record<string, string> = {
  "/sign-in": `
- main:
  - heading "Sign in" [level=1]
  - textbox "Email"
  - textbox "Password"
  - paragraph:
    - link "Forgot your password?"
  - button "Sign in"
  - paragraph:
    - link "Create an account"`,
  "/register": `
- main:
  - heading "Create your account" [level=1]
  - textbox "Name"
  - textbox "Email"
  - textbox "Password"
  - textbox "Handle"
  - button "Create account"
  - paragraph:
    - link "Sign in"`,
  "/forgot-password": `
- main:
  - heading "Reset your password" [level=1]
  - textbox "Email"
  - button "Get a link"
  - paragraph:
    - link "Sign in"`,
  "/reset-password?token=x": `
- main:
  - heading "Choose a new password" [level=1]
  - textbox "New password"
  - button "Change password"
  - paragraph:
    - link "Get a new one"`,
  "/verify-email?token=x": `
- main:
  - heading "Verify your email address" [level=1]
  - button "Verify address"
  - paragraph:
    - link "Sign in"`,
};

const SETTINGS = `
- main:
  - heading "Workspace settings" [level=1]
  - heading "Details" [level=2]
  - textbox "Name"
  - textbox /^Description/
  - button "Save changes"
  - heading "Connect your client" [level=2]
  - button /^Copy/
  - heading "Delete this workspace" [level=2]
  - button "Delete workspace"`;

test("pages outside of a workspace are read in order", async ({ page, person, signedIn, isMobile }) => {
  await person.createWorkspace("Quay");
  const frame = isMobile ? ON_A_PHONE : PERSONAL;
  await expectOrder(page, "/", frame + WORKSPACES);
  await expectOrder(page, "/my/api-keys", frame + KEYS);
  await expectOrder(page, "/my/profile", frame + PROFILE);
  await expectOrder(page, "/my/sign-in", frame + SIGN_IN_METHODS);
  await expectOrder(page, "/my/sessions", frame + SESSIONS);
  await expectOrder(page, "/my/confirm", frame + CONFIRM);
});

test("pages around a sign-in are read in order", async ({ page }) => {
  for (const [path, outline] of Object.entries(PUBLIC)) await expectOrder(page, path, outline);
});

test("pages of a workspace are read in order", async ({ page, person, signedIn, isMobile }) => {
  const { client } = person;
  await client.finish(await client.createRun({ flow: "Tides" }));
  const failed = await client.createRun({ flow: "Ships", state: "RUNNING" });
  const task = await client.createTaskRun(failed, "call-pilot");
  await client.setTaskState(task, "RUNNING");
  await client.log(failed, "No pilot answers", 40, new Date(), task);
  await client.setTaskState(task, "FAILED", "No pilot answers");
  await client.setState(failed, "FAILED", "1 task run failed");
  const empty = await person.createWorkspace("Quay");
  const inFrame = (main: string) => (isMobile ? ON_A_PHONE + main + DOCK : IN_WORKSPACE + main);
  await expectOrder(page, `${empty}/first-run`, inFrame(FIRST_RUN));
  await expectOrder(page, person.runsPath, inFrame(RUNS));
  await expectOrder(page, person.runPath(failed), inFrame(FAILED_RUN));
  await expectOrder(page, `${person.workspacePath}/settings`, inFrame(SETTINGS));
});

/** The page has these roles and names in this order, and shows them in it. */
async function expectOrder(page: Page, path: string, outline: string): Promise<void> {
  await page.goto(path);
  // Pages without the frame have no theme switch, by which hydration is seen.
  await (path in PUBLIC ? page.waitForLoadState("networkidle") : waitForHydration(page));
  await expect(page.locator("body")).toMatchAriaSnapshot(outline);
  expect(await misplaced(page), `what ${path} shows before what is read before it`).toEqual([]);
}

/**
 * Headings and controls that are above the one that is read before them and not at its right. What is fixed to the window has no place
 * in the page, and columns begin at the top again.
 */
function misplaced(page: Page): Promise<string[]> {
  return page.getByRole("main").evaluate((main) => {
    const parts = [...main.querySelectorAll("h1, h2, h3, a, button, input, select, textarea, summary, dt, time")];
    const shown = parts.filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 1);
    const isMisplaced = (part: Element, index: number) => {
      const [before, box] = [shown[index - 1]?.getBoundingClientRect(), part.getBoundingClientRect()];
      return before !== undefined && box.bottom <= before.top && box.left < before.right;
    };
    return shown.filter(isMisplaced).map((part) => part.outerHTML.slice(0, 120));
  });
}
