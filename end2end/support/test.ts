/** `test` as every spec takes it: with a server, somebody who uses it, and a watch over what goes on behind the pages. */
import { test as base } from "@playwright/test";
import { Person } from "./person";
import { Provost } from "./provost";
import { Shell } from "./shell";
import { Watch } from "./watch";

interface OfTest {
  watch: Watch;
  person: Person;
  /** Signs the test's own browser in as `person`. */
  signedIn: void;
  shell: Shell;
  /** A server for this test alone, where what the test does would be in the way of others. */
  ownProvost: Provost;
}

interface OfWorker {
  provost: Provost;
}

export const test = base.extend<OfTest, OfWorker>({
  provost: [
    async ({}, use) => {
      const provost = await Provost.start();
      await use(provost);
      await provost.end();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ provost }, use) => use(provost.url),
  watch: [
    async ({ context, javaScriptEnabled }, use) => {
      const watch = new Watch();
      watch.context(context, javaScriptEnabled);
      await use(watch);
      watch.close();
    },
    { auto: true },
  ],
  person: async ({ provost }, use) => use(await Person.make(provost)),
  signedIn: async ({ person, context }, use) => {
    await person.enter(context);
    await use();
  },
  shell: async ({}, use) => {
    const shell = new Shell();
    await use(shell);
    shell.end();
  },
  ownProvost: async ({}, use) => {
    const provost = await Provost.start();
    await use(provost);
    await provost.end();
  },
});

export { expect } from "@playwright/test";
