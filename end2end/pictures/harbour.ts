/** What the pictures show: a workspace with runs of all states, an empty one, and a person who has none. */
import { fileURLToPath } from "node:url";
import type { Browser } from "@playwright/test";
import { Harbour } from "../picture/harbour";
import { Person } from "../support/person";
import { Shell } from "../support/shell";
import { test as base } from "../support/test";

const FLOWS = fileURLToPath(new URL("flows_of_all_states.py", import.meta.url));
const NEWCOMER = { email: "nell@harbour.example", password: "a lamp outside the door" };
const LONG_NAME = "Tide tables, currents and the nightly report on the water level of every single port";

export interface Scene {
  person: Person;
  /** Path of a workspace whose client has connected, but which has no runs. */
  emptyPath: string;
  /** A person without workspaces. */
  newcomer: { email: string; password: string };
}

/** `test` with one scene for all pictures; its last flow runs until all are taken. */
export const test = base.extend<{}, { scene: Scene }>({
  scene: [
    async ({ provost, browser }, use) => {
      const person = await Person.create(provost, "isla-fraser", "Isla Fraser");
      await provost.admin("grant-admin", { user: person.handle });
      const shell = new Shell();
      const harbour = await Harbour.start(shell, person, FLOWS);
      try {
        await waitForRuns(browser, person, harbour);
        const emptyPath = await person.createWorkspace("Quay");
        await person.createWorkspace(LONG_NAME);
        const { email, password } = NEWCOMER;
        await provost.admin("create-user", { email, handle: "nell-gray", name: "Nell Gray", "password-file": "-" }, password);
        await use({ person, emptyPath, newcomer: NEWCOMER });
      } finally {
        await harbour.stop();
        shell.dispose();
      }
    },
    { scope: "worker", timeout: 300_000 },
  ],
});

async function waitForRuns(browser: Browser, person: Person, harbour: Harbour): Promise<void> {
  const context = await browser.newContext({ baseURL: person.provost.url });
  await person.signInByRequest(context);
  const page = await context.newPage();
  await page.goto(person.runsPath);
  await harbour.expectAllStarted(page);
  await context.close();
}
