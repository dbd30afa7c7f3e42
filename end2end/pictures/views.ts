/** Every page and its main states, named like the mock-ups where there is one. */
import type { Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import type { Scene } from "./harbour";

export interface View {
  /** The first part of the picture's name. */
  name: string;
  path: string;
  /** Leads to the state from the hydrated page. */
  open?: (page: Page) => Promise<unknown>;
}

/** What a visitor sees who is not signed in. */
export const PUBLIC_VIEWS: View[] = [
  { name: "sign-in", path: "/sign-in" },
  { name: "sign-in-error", path: "/sign-in", open: signInWrongly },
  { name: "register", path: "/register" },
  { name: "register-error", path: "/register", open: registerWrongly },
  { name: "help-visitor", path: "/help" },
];

/** What a person sees who has no workspace. */
export const NEWCOMER_VIEWS: View[] = [
  { name: "workspaces-first", path: "/" },
  { name: "api-keys-none", path: "/my/api-keys" },
];

export async function viewsOf(scene: Scene): Promise<View[]> {
  return [...personalViews(), ...workspaceViews(scene), ...(await runViews(scene)), ...artifactViews(scene), ...variableViews(scene)];
}

function personalViews(): View[] {
  return [
    { name: "workspaces", path: "/" },
    { name: "menus", path: "/", open: (page) => accountMenu(page).click() },
    { name: "workspaces-none-match", path: "/?search=nothing" },
    { name: "workspace-new", path: "/workspaces/new" },
    { name: "api-keys", path: "/my/api-keys" },
    { name: "api-key-new", path: "/my/api-keys", open: createKey },
    { name: "api-key-created", path: "/my/api-keys", open: fillInKey },
    { name: "api-key-delete", path: "/my/api-keys", open: (page) => press(page, "Delete laptop") },
    { name: "profile-sign-in", path: "/my/sign-in" },
    { name: "cli-approve", path: "/auth/client" },
    { name: "help", path: "/help" },
    { name: "services", path: "/server/services" },
    { name: "not-found", path: "/nowhere" },
  ];
}

function workspaceViews({ person: { workspacePath }, emptyPath }: Scene): View[] {
  return [
    { name: "first-run", path: `${emptyPath}/first-run` },
    { name: "first-run-key", path: `${emptyPath}/first-run`, open: createKeyInStep },
    { name: "first-run-done", path: `${workspacePath}/first-run` },
    { name: "workspace-edit", path: `${workspacePath}/settings` },
    { name: "workspace-edit-leave", path: `${workspacePath}/settings`, open: leaveUnsaved },
    { name: "workspace-delete", path: `${workspacePath}/settings`, open: (page) => press(page, "Delete workspace") },
    { name: "server-error", path: `${workspacePath}/settings`, open: loseServer },
  ];
}

async function runViews({ person, emptyPath }: Scene): Promise<View[]> {
  const { client, runsPath } = person;
  const path = async (flow: string, name?: string) => person.runPath(await client.findRun(flow, name));
  const [failed, running, done] = [await path("Harbour master"), await path("Dredging plan"), await path("Water quality")];
  return [
    { name: "flow-runs", path: runsPath },
    { name: "flow-runs-planned", path: runsPath, open: (page) => page.locator("summary", { hasText: "planned" }).click() },
    { name: "flow-runs-filters", path: `${runsPath}?state=failed&started=7d`, open: openFilters },
    { name: "flow-runs-filtered", path: `${runsPath}?state=failed&state=late&started=7d` },
    { name: "flow-runs-none", path: `${runsPath}?state=crashed` },
    { name: "flow-runs-empty", path: `${emptyPath}/runs` },
    { name: "shortcuts", path: runsPath, open: (page) => page.keyboard.press("?") },
    { name: "flow-run", path: running },
    { name: "flow-run-completed", path: done },
    { name: "flow-run-tasks", path: `${done}?tab=task-runs` },
    { name: "flow-run-failed", path: failed },
    { name: "flow-run-failed-line", path: failed, open: (page) => page.getByRole("link", { name: "Show in logs" }).click() },
    { name: "flow-run-subflows", path: `${failed}?tab=task-runs` },
    { name: "flow-run-parameters", path: `${failed}?tab=parameters` },
    { name: "flow-run-states", path: `${failed}?tab=states` },
    { name: "flow-run-long-name", path: await path("train-and-publish-the-model-of-water-levels-for-every-harbour-of-the-north-coast") },
    { name: "flow-run-late", path: await path("Water quality", "late-heron") },
    { name: "flow-run-pending", path: await path("Water quality", "pending-heron") },
    { name: "flow-run-paused", path: await path("Harbour report", "paused-heron") },
    { name: "flow-run-scheduled", path: await path("Tide tables", "planned-heron-1") },
  ];
}

function artifactViews({ person: { workspacePath }, emptyPath }: Scene): View[] {
  const artifacts = `${workspacePath}/artifacts`;
  const kinds = { markdown: "load-forecast", table: "tide-table", link: "source", progress: "download", image: "curve" };
  return [
    { name: "artifacts", path: artifacts },
    { name: "artifacts-list", path: `${artifacts}?view=list` },
    { name: "artifacts-none", path: `${artifacts}?search=nothing` },
    { name: "artifacts-empty", path: `${emptyPath}/artifacts` },
    ...Object.entries(kinds).map(([kind, key]) => ({ name: `artifact-${kind}`, path: `${artifacts}/key/${key}` })),
  ];
}

function variableViews({ person: { variablesPath }, emptyPath }: Scene): View[] {
  const open = (name: string) => (page: Page) => page.getByRole("main").getByRole("link", { name, exact: true }).click();
  const actions = (page: Page) => page.locator("summary[aria-label='Actions for tariff_zones']").click();
  const remove = async (page: Page) => {
    await actions(page);
    await page.getByRole("link", { name: "Delete" }).click();
  };
  return [
    { name: "variables", path: variablesPath },
    { name: "variables-actions", path: variablesPath, open: actions },
    { name: "variable-new", path: `${variablesPath}?new=` },
    { name: "variable-edit", path: variablesPath, open: open("tariff_zones") },
    { name: "variable-delete", path: variablesPath, open: remove },
    { name: "variables-none", path: `${variablesPath}?search=nothing` },
    { name: "variables-empty", path: `${emptyPath}/variables` },
  ];
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).first().click();
}

const createKey = (page: Page) => press(page, "Create key");

/** Creates a key and shows it; `pictures.spec.ts` deletes it again. */
async function fillInKey(page: Page): Promise<void> {
  await createKey(page);
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("ci");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("dialog", { name: "Copy your key now" }).waitFor();
}

async function createKeyInStep(page: Page): Promise<void> {
  // Folded, because the client of this workspace has connected.
  await page.getByRole("heading", { name: "Sign in", exact: true }).click();
  await press(page, "Create key");
  await page.getByText("Key laptop created").waitFor();
}

async function openFilters(page: Page): Promise<void> {
  await page.locator("summary", { hasText: "Filters" }).click();
}

async function leaveUnsaved(page: Page): Promise<void> {
  await page.getByLabel("Description").fill("Ships");
  await page.getByRole("link", { name: /all workspaces/i }).filter({ visible: true }).first().click();
}

async function loseServer(page: Page): Promise<void> {
  await page.route(/\/ui\/|\/api\/ready/, (route) => route.abort());
  await page.getByRole("link", { name: "Variables" }).filter({ visible: true }).first().click();
  await page.getByRole("alert").waitFor();
}

async function signInWrongly(page: Page): Promise<void> {
  await page.getByLabel("Email").fill("isla@harbour.example");
  await page.getByLabel("Password").fill("not the right words");
  await press(page, "Sign in");
  await page.getByText("The email or password is incorrect.").waitFor();
}

async function registerWrongly(page: Page): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("Isla Fraser");
  await page.getByLabel("Email").fill("isla@harbour.example");
  await page.getByLabel("Password").fill("short");
  await press(page, "Create account");
  await page.getByRole("alert").first().waitFor();
}
