/** The way of a new person from registration to the error of a failed run: by keyboard alone, and by touch alone. */
import type { Page } from "@playwright/test";
import { Client } from "../support/client";
import { KeyboardUser } from "../support/keyboard-user";
import type { Provost } from "../support/provost";
import type { Shell } from "../support/shell";
import { expect, test } from "../support/test";
import { PHONE } from "../support/windows";

const PASSWORD = "a lamp outside the door";
const ERROR = "No pilot answers";
const COPY_SIGN_IN = "Copy the commands for step 2";
const COPY_FLOW = "Copy “hello.py”";

test.beforeEach(async ({ context }) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
});

test("by keyboard alone, from registration to the error of a run", async ({ page, shell, provost }) => {
  const user = new KeyboardUser(page);
  await page.goto("/", { waitUntil: "networkidle" });
  await user.expectFocus("textbox", "Email");
  await user.enter("link", "Create an account");
  await user.expectFocus("heading", "Create your account");
  await user.type("Name", "Isla Fraser");
  await user.type("Email", "isla@keyboard.example");
  await user.type("Password", PASSWORD);
  await user.enter("button", "Create account");

  await user.expectFocus("heading", "Workspaces");
  await user.enter("link", "Create workspace");
  await user.expectFocus("heading", "New workspace");
  await user.type("Name", "Tide tables");
  await user.enter("button", "Create workspace");

  await user.expectFocus("heading", "Run your first flow");
  await user.tabTo("textbox", "Key name");
  await user.enter("button", "Create key");
  await user.expectFocus("button", COPY_SIGN_IN);
  const commands = await copied(page, () => page.keyboard.press("Enter"));
  await user.expectFocus("button", COPY_SIGN_IN);
  await user.tabTo("button", COPY_FLOW);
  const flow = await copied(page, () => page.keyboard.press("Enter"));
  await runFirstFlow(page, shell, commands, flow);
  // The step is folded to its line, without the button.
  await expect(page.locator("summary:focus")).toHaveText(/^RunTesting \/ /);

  await user.enter("link", "Open the run", "Shift+Tab");
  await user.expectFocus("heading", /^Testing \//);
  await makeFailedRun(page, provost, commands);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await user.expectFocus("heading", "Flow runs");
  await user.enter("link", /^Ships \//);
  await user.expectFocus("heading", /^Ships \//);
  await user.enter("link", "Show in logs");
  await expectErrorLine(page);
  await expect(page.locator(".ln:focus")).toContainText(ERROR);
});

test.describe("on a phone", () => {
  test.use(PHONE);

  test("by touch alone, from registration to the error of a run", async ({ page, shell, provost }) => {
    const tap = (role: "button" | "link", name: string | RegExp) => page.getByRole(role, { name, exact: true }).tap();
    const heading = (name: string | RegExp) => expect(page.getByRole("heading", { level: 1, name, exact: true })).toBeInViewport();
    await page.goto("/", { waitUntil: "networkidle" });
    await tap("link", "Create an account");
    await heading("Create your account");
    await page.getByLabel("Name", { exact: true }).fill("Rory Fraser");
    await page.getByLabel("Email").fill("rory@touch.example");
    await page.getByLabel("Password").fill(PASSWORD);
    await tap("button", "Create account");

    await tap("link", "Create workspace");
    await heading("New workspace");
    await page.getByLabel("Name", { exact: true }).fill("Tide tables");
    await tap("button", "Create workspace");

    await heading("Run your first flow");
    await tap("button", "Create key");
    const commands = await copied(page, () => tap("button", COPY_SIGN_IN));
    const flow = await copied(page, () => tap("button", COPY_FLOW));
    await runFirstFlow(page, shell, commands, flow);

    await tap("link", "Open the run");
    await heading(/^Testing \//);
    await makeFailedRun(page, provost, commands);
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Flow runs" }).tap();
    await heading("Flow runs");
    await tap("link", /^Ships \//);
    await heading(/^Ships \//);
    await tap("link", "Show in logs");
    await expectErrorLine(page);
  });
});

/** The text that an action copies. */
async function copied(page: Page, act: () => Promise<void>): Promise<string> {
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await act();
  await expect.poll(clipboard).not.toBe("");
  return clipboard();
}

/** Pastes into a terminal what was copied, and waits until the page shows the run. */
async function runFirstFlow(page: Page, shell: Shell, commands: string, flow: string): Promise<void> {
  shell.write("hello.py", flow);
  await shell.run(`${commands}\npython hello.py`);
  await expect(page.getByRole("heading", { level: 1, name: "Your first run has arrived" })).toBeVisible();
}

/** Creates a run that fails in one of its tasks, in the workspace of the page and with the key of the commands. */
async function makeFailedRun(page: Page, provost: Provost, commands: string): Promise<void> {
  const [, account, workspace] = new URL(page.url()).pathname.match(/^\/account\/([^/]+)\/workspace\/([^/]+)/) ?? [];
  const [key] = commands.match(/pnu_\w+/) ?? [""];
  const client = new Client(`${provost.url}/api/accounts/${account}/workspaces/${workspace}`, key);
  const run = await client.createRun({ flow: "Ships", state: "RUNNING" });
  await client.logs(run, Array.from({ length: 60 }, (_, number) => `Ship ${number} is at the quay`));
  const task = await client.createTaskRun(run, "call-pilot");
  await client.setTaskState(task, "RUNNING");
  await client.log(run, ERROR, 40, new Date(), task);
  await client.setTaskState(task, "FAILED", ERROR);
  await client.setState(run, "FAILED", "1 task run failed");
}

async function expectErrorLine(page: Page): Promise<void> {
  const line = page.locator(".ln:target");
  await expect(line).toContainText(ERROR);
  await expect(line).toBeInViewport({ ratio: 1 });
}
