/** A workspace in which something has happened, and the addresses at which people look at it. */
import { readFileSync } from "node:fs";
import type { Run } from "./client";
import type { Person } from "./person";

export interface Furnished {
  person: Person;
  done: Run;
  failed: Run;
  waiting: Run;
  /** The address of a second workspace, in which nothing has happened. */
  empty: string;
}

export async function furnish(person: Person): Promise<Furnished> {
  const { client } = person;
  const done = await client.run({ flow: "Tides", tags: ["nightly", "harbour"], parameters: { port: "Leith", days: 3 } });
  await client.log(done, "The water is coming", 20);
  await client.log(done, "It is coming fast", 30);
  await client.task(done, "measure-0");
  await client.finish(done);
  const failed = await client.run({ flow: "Ships" });
  await client.log(failed, "No pilot answers", 40);
  await client.task(failed, "call-pilot", "FAILED", "No pilot answers");
  await client.finish(failed, "FAILED", "The pilot could not be reached");
  const waiting = await client.run({ flow: "Ships" });
  return { person, done, failed, waiting, empty: await person.workspaceNamed("Quay") };
}

export interface Address {
  path: string;
  heading: string;
  /** What its first rows say. */
  rows: string[];
}

/** Every page of somebody who is signed in. */
export function addresses({ person, done, failed, waiting, empty }: Furnished): Address[] {
  const run = person.page(done);
  return [
    { path: "/", heading: "Workspaces", rows: ["Harbour", "Tides and ships"] },
    { path: "/?search=tide", heading: "Workspaces", rows: ["Harbour", "Find a workspace"] },
    { path: "/?search=nothing", heading: "Workspaces", rows: ["No workspaces match"] },
    { path: "/auth/client", heading: "Sign in with a key", rows: ["Ctrl C"] },
    { path: "/workspaces/new", heading: "New workspace", rows: ["Description"] },
    { path: "/my/api-keys", heading: "Your settings", rows: ["laptop"] },
    { path: "/my/sign-in", heading: "Your settings", rows: [person.email] },
    { path: "/help", heading: "Help", rows: ["YOUR_KEY"] },
    { path: `${person.workspace}/settings`, heading: "Workspace settings", rows: ["YOUR_KEY", "Tides and ships"] },
    { path: `${person.workspace}/first-run`, heading: "Your first run is here", rows: [waiting.name] },
    { path: `${empty}/first-run`, heading: "Now the first run", rows: ["A client is there. No run yet"] },
    { path: `${empty}/runs`, heading: "Flow runs", rows: ["No runs yet"] },
    { path: `${person.runs}?state=crashed&started=7d`, heading: "Flow runs", rows: ["No runs match"] },
    { path: person.runs, heading: "Flow runs", rows: [waiting.name, failed.name, done.name, "nightly"] },
    { path: run, heading: done.name, rows: ["Completed", "The water is coming", "It is coming fast"] },
    { path: `${run}?tab=task-runs`, heading: done.name, rows: ["measure-0"] },
    { path: `${run}?tab=parameters`, heading: done.name, rows: ["Leith"] },
    { path: `${run}?tab=states`, heading: done.name, rows: ["Pending", "Running", "Completed"] },
    { path: person.page(failed), heading: failed.name, rows: ["Failed", "No pilot answers"] },
    { path: person.page(waiting), heading: waiting.name, rows: ["Pending"] },
  ];
}

/** Every page that is open to all. */
export const OPEN: Address[] = [
  { path: "/sign-in", heading: "Sign in", rows: ["Email"] },
  { path: "/register", heading: "Create your account", rows: ["Handle"] },
  { path: "/help", heading: "Help", rows: ["YOUR_KEY"] },
];

/** The program's own pages, as patterns of their paths. Routes that only lead on to another page are none. */
export function pagesOfTheProgram(): RegExp[] {
  const source = readFileSync(new URL("../../app/src/lib.rs", import.meta.url), "utf8");
  const route = /<(?:(\/)ParentRoute>|(Parent)?Route path=path!\("([^"]*)"\) view=(\w*))/g;
  const pages: RegExp[] = [];
  let below = "";
  for (const [, end, parent, path = "", view] of source.matchAll(route)) {
    if (end) below = "";
    else if (parent) below = path;
    else if (!/^(ToRuns|Printed\w*)$/.test(view)) {
      pages.push(new RegExp(`^${(below + path).replace(/:\w+/g, "[^/]+") || "/"}$`));
    }
  }
  return pages;
}
