/** `test` with services that Provost uses: identity providers and a mail server. A spec starts a Provost that is set up for some of them. */
import { MailServer } from "../mail/mail-server";
import { IdentityProvider } from "./identity-provider";
import { Provost, type ProvostOptions } from "./provost";
import { test as base } from "./test";

interface WorkerFixtures {
  google: IdentityProvider;
  staff: IdentityProvider;
  github: IdentityProvider;
  mailServer: MailServer;
}

const provider = (kind: "google" | "staff" | "github") =>
  [
    async ({}: object, use: (provider: IdentityProvider) => Promise<void>) => {
      const provider = await IdentityProvider.start(kind);
      await use(provider);
      await provider.stop();
    },
    { scope: "worker" },
  ] as [never, { scope: "worker" }];

export const test = base.extend<{}, WorkerFixtures>({
  google: provider("google"),
  staff: provider("staff"),
  github: provider("github"),
  mailServer: [
    async ({}, use) => {
      const server = await MailServer.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

/** A server for as long as `use` runs. */
export async function withProvost(options: ProvostOptions, use: (provost: Provost) => Promise<void>): Promise<void> {
  const provost = await Provost.start(options);
  try {
    await use(provost);
  } finally {
    await provost.dispose();
  }
}

export { expect } from "./test";
