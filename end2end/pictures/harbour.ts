/**
 * What the pictures show: a workspace with runs of all states, an empty one, a person who has none, and two who have signed in by providers;
 * on a server with providers and mail.
 */
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import { Harbour } from "../picture/harbour";
import { test as base, withProvost } from "../support/external";
import type { Account, IdentityProvider } from "../support/identity-provider";
import { Person } from "../support/person";
import { registerAt, signInAt } from "../support/provider-pages";
import type { Provost } from "../support/provost";
import { Shell } from "../support/shell";

const FLOWS = fileURLToPath(new URL("flows_of_all_states.py", import.meta.url));
const NEWCOMER = { email: "nell@harbour.example", password: "a lamp outside the door" };
const LONG_NAME = "Tide tables, currents and the nightly report on the water level of every single port";

export interface Scene {
  person: Person;
  /** Path of a workspace whose client has connected, but which has no runs. */
  emptyPath: string;
  /** A person without workspaces. */
  newcomer: { email: string; password: string };
  /** A person whose only sign-in method is an account at a provider. */
  withoutPassword: ProviderPerson;
  /** The same, with an address that is not verified. */
  unverified: ProviderPerson;
  /** An account that nobody has registered with. */
  unregistered: Account;
}

export interface ProviderPerson {
  provider: IdentityProvider;
  account: Account;
}

/** `test` with one scene for all pictures; its last flow runs until all are taken. */
export const test = base.extend<{}, { provost: Provost; scene: Scene }>({
  provost: [
    async ({ google, github, staff, mailServer }, use) => {
      const limits = { sign_in_burst: "100", register_burst: "100" };
      const settings = { ...google.settings, ...github.settings, ...staff.settings, ...mailServer.settings, ...limits };
      await withProvost({ settings }, use);
    },
    { scope: "worker" },
  ],
  scene: [
    async ({ provost, browser, google, github, staff }, use) => {
      const person = await Person.create(provost, "isla-fraser", "Isla Fraser");
      await provost.admin("grant-admin", { user: person.handle });
      const shell = new Shell();
      const harbour = await Harbour.start(shell, person, FLOWS);
      try {
        await waitForRuns(browser, person, harbour);
        const own = await google.createAccount({ login: person.handle, name: "Isla Fraser", email: "isla@harbour.example" });
        await inNewPage(browser, provost, async (page) => {
          await person.signInByRequest(page.context());
          await page.goto("/my/sign-in");
          await signInAt(page, google, own, "Connect Google");
          await page.getByText("Google is connected.").waitFor();
        });
        const withoutPassword = { provider: github, account: await github.createAccount({ login: "rory-reid", name: "Rory Reid" }) };
        const unverified = { provider: staff, account: await staff.createAccount({ login: "una-bain", name: "Una Bain", emailVerified: false }) };
        for (const { provider, account } of [withoutPassword, unverified]) {
          await inNewPage(browser, provost, (page) => registerAt(page, provider, account));
        }
        const unregistered = await google.createAccount({ login: "ewan-muir", name: "Ewan Muir" });
        const emptyPath = await person.createWorkspace("Quay");
        await person.createWorkspace(LONG_NAME);
        const { email, password } = NEWCOMER;
        await provost.admin("create-user", { email, handle: "nell-gray", name: "Nell Gray", "password-file": "-" }, password);
        // The commands of an administrator verify no address.
        await provost.execute("UPDATE person SET email_verified = 1 WHERE email IN (?, ?)", person.email, email);
        await use({ person, emptyPath, newcomer: NEWCOMER, withoutPassword, unverified, unregistered });
      } finally {
        await harbour.stop();
        shell.dispose();
      }
    },
    { scope: "worker", timeout: 300_000 },
  ],
});

async function inNewPage(browser: Browser, { url }: Provost, act: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL: url });
  await act(await context.newPage());
  await context.close();
}

async function waitForRuns(browser: Browser, person: Person, harbour: Harbour): Promise<void> {
  const context = await browser.newContext({ baseURL: person.provost.url });
  await person.signInByRequest(context);
  const page = await context.newPage();
  await page.goto(person.runsPath);
  await harbour.expectAllStarted(page);
  await context.close();
}
