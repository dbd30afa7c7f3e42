/** `test` for all specs: with a server, a person with an account, and a monitor of errors in the browser. */
import { test as base } from "@playwright/test";
import { Person } from "./person";
import { Provost } from "./provost";
import { Shell } from "./shell";
import { PageMonitor } from "./monitor";

interface TestFixtures {
  monitor: PageMonitor;
  person: Person;
  /** Signs the test's browser context in as `person`. */
  signedIn: void;
  shell: Shell;
  /** A server for this test only, for tests that would disturb others on a shared server. */
  ownProvost: Provost;
}

interface WorkerFixtures {
  provost: Provost;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  provost: [
    async ({}, use) => {
      const provost = await Provost.start();
      await use(provost);
      await provost.dispose();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ provost }, use) => use(provost.url),
  monitor: [
    async ({ context, javaScriptEnabled }, use) => {
      const monitor = new PageMonitor();
      monitor.observe(context, javaScriptEnabled);
      await use(monitor);
      monitor.check();
    },
    { auto: true },
  ],
  person: async ({ provost }, use) => use(await Person.create(provost)),
  signedIn: async ({ person, context }, use) => {
    await person.signInByRequest(context);
    await use();
  },
  shell: async ({}, use) => {
    const shell = new Shell();
    await use(shell);
    shell.dispose();
  },
  ownProvost: async ({}, use) => {
    const provost = await Provost.start();
    await use(provost);
    await provost.dispose();
  },
});

export { expect } from "@playwright/test";
