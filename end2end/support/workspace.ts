/** A workspace with runs, and every page of the program with its expected content. */
import { readFileSync } from "node:fs";
import type { Run } from "./client";
import type { Person } from "./person";

export interface WorkspaceFixture {
  person: Person;
  done: Run;
  failed: Run;
  pending: Run;
  /** Its variables are "market_close" and this one, an object. */
  zones: { id: string };
  /** Id of an artifact with the key `tides-table`. */
  artifact: string;
  /** Path of a second workspace, without runs. */
  emptyPath: string;
}

export async function populate(person: Person): Promise<WorkspaceFixture> {
  const { client } = person;
  const done = await client.createRun({ flow: "Tides", tags: ["nightly", "harbour"], parameters: { port: "Leith", days: 3 } });
  await client.log(done, "The water is coming", 20);
  await client.log(done, "It is coming fast", 30);
  await client.runTask(done, "measure-0");
  await client.finish(done);
  const failed = await client.createRun({ flow: "Ships" });
  await client.log(failed, "No pilot answers", 40);
  await client.runTask(failed, "call-pilot", "FAILED", "No pilot answers");
  await client.finish(failed, "FAILED", "The pilot could not be reached");
  const pending = await client.createRun({ flow: "Ships" });
  await client.createVariable("market_close", "17:30", ["finance"]);
  const zones = await client.createVariable("tariff_zones", { north: { peak: [7, 19], rate: 0.3142 } }, ["ingest"]);
  const tides = { key: "tides-table", type: "table", data: JSON.stringify([{ port: "Leith", height: 5.6 }]) };
  const artifact = await client.createArtifact({ ...tides, run: done });
  return { person, done, failed, pending, zones, artifact, emptyPath: await person.createWorkspace("Quay") };
}

export interface PageExpectation {
  path: string;
  heading: string;
  /** Text of its first rows. */
  rows: string[];
}

/** Every page for a signed-in person. */
export function signedInPages({ person, done, failed, pending, zones, artifact, emptyPath }: WorkspaceFixture): PageExpectation[] {
  const { variablesPath: variables } = person;
  const run = person.runPath(done);
  return [
    { path: "/", heading: "Workspaces", rows: ["Harbour", "Tides and ships"] },
    { path: "/?search=tide", heading: "Workspaces", rows: ["Harbour", "Find a workspace"] },
    { path: "/?search=nothing", heading: "Workspaces", rows: ["No workspaces match"] },
    { path: "/auth/client", heading: "Sign in with a key", rows: ["Ctrl+C"] },
    { path: "/workspaces/new", heading: "New workspace", rows: ["Description"] },
    { path: "/my/api-keys", heading: "Your settings", rows: ["laptop"] },
    { path: "/my/sign-in", heading: "Your settings", rows: [person.email] },
    { path: "/help", heading: "Help", rows: ["YOUR_KEY"] },
    { path: `${person.workspacePath}/settings`, heading: "Workspace settings", rows: ["YOUR_KEY", "Tides and ships"] },
    { path: `${person.workspacePath}/first-run`, heading: "Your first run has arrived", rows: [done.name] },
    { path: `${emptyPath}/first-run`, heading: "Run your first flow", rows: ["Client connected. Waiting for a run"] },
    { path: `${emptyPath}/runs`, heading: "Flow runs", rows: ["No runs yet"] },
    { path: `${person.runsPath}?state=crashed&started=7d`, heading: "Flow runs", rows: ["No runs match"] },
    { path: person.runsPath, heading: "Flow runs", rows: [pending.name, failed.name, done.name, "nightly"] },
    { path: run, heading: done.name, rows: ["Completed", "The water is coming", "It is coming fast"] },
    { path: `${run}?tab=task-runs`, heading: done.name, rows: ["measure-0"] },
    { path: `${run}?tab=parameters`, heading: done.name, rows: ["Leith"] },
    { path: `${run}?tab=states`, heading: done.name, rows: ["Pending", "Running", "Completed"] },
    { path: person.runPath(failed), heading: failed.name, rows: ["Failed", "No pilot answers"] },
    { path: `${person.workspacePath}/artifacts`, heading: "Artifacts", rows: ["tides-table", "Leith", `Tides / ${done.name}`] },
    { path: `${person.workspacePath}/artifacts?view=list`, heading: "Artifacts", rows: ["tides-table", `Tides / ${done.name}`] },
    { path: `${person.workspacePath}/artifacts?type=image`, heading: "Artifacts", rows: ["No artifacts match"] },
    { path: `${emptyPath}/artifacts`, heading: "Artifacts", rows: ["No artifacts yet", "create_markdown_artifact"] },
    { path: `${person.workspacePath}/artifacts/key/tides-table`, heading: "tides-table", rows: ["Leith", "5.6", "1 version"] },
    { path: `${person.workspacePath}/artifacts/artifact/${artifact}`, heading: "tides-table", rows: ["Leith", "1 version"] },
    { path: person.runPath(pending), heading: pending.name, rows: ["Pending"] },
    { path: variables, heading: "Variables", rows: ["2 variables", "market_close", "17:30", "tariff_zones", "ingest"] },
    { path: `${variables}?search=nothing`, heading: "Variables", rows: ["No variables match"] },
    { path: `${variables}?new=`, heading: "Variables", rows: ["2 variables", "Create variable", "Value type"] },
    { path: `${variables}?variable=${zones.id}`, heading: "Variables", rows: ["2 variables", "Edit variable", "0.3142"] },
    { path: `${variables}?delete=${zones.id}`, heading: "Variables", rows: ["2 variables", "Delete tariff_zones?"] },
    { path: `${emptyPath}/variables`, heading: "Variables", rows: ["No variables yet", "prefect variable set"] },
  ];
}

/** Every page that needs no sign-in. */
export const PUBLIC_PAGES: PageExpectation[] = [
  { path: "/sign-in", heading: "Sign in", rows: ["Email"] },
  { path: "/register", heading: "Create your account", rows: ["Handle"] },
  { path: "/help", heading: "Help", rows: ["YOUR_KEY"] },
];

interface Route {
  path: string;
  access: "public" | "person" | "administrator" | "workspace";
}

/** Every page, as the program's table of routes has it; a test of `app` writes this file. */
const ROUTES: Route[] = JSON.parse(readFileSync(new URL("pages.json", import.meta.url), "utf8"));

/** Every page that only administrators of the server see; their own spec opens them. */
export const ADMIN_PATHS = ROUTES.filter(({ access }) => access === "administrator").map(({ path }) => path);

/** Path patterns of all pages. */
export function routePatterns(): RegExp[] {
  return ROUTES.map(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`));
}
