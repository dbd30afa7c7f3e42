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
    - link "Sign-in"
    - link "API keys"
  - button "Create key"
  - table "API keys"`;

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
  await waitForHydration(page);
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
