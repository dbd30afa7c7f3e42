/** A mail server that is away for a while, and none at all. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { linkOf } from "../mail/mail-server";
import { expectAccessible } from "../support/accessibility";
import { chooseNewPassword, newAddress, register, requestReset, verify } from "../support/auth-forms";
import { expect, test, withProvost } from "../support/external";
import { Person } from "../support/person";

const LIMITS = { sign_in_burst: "100", register_burst: "1000" };
const SENT = "If that address has an account, a link is on its way.";
const VERIFY = /^Verify your email address for /;
const RESET = /^Reset your password on /;
const NEW_PASSWORD = "two lamps outside the door";
/** The mail server is away until two attempts have failed, but at least for this time. */
const OUTAGE_MS = Number(process.env.MAIL_OUTAGE_MS ?? 0);
/** A request that waits for the mail server would take longer. */
const MOST_REQUEST_MS = 5_000;

test.describe("while the mail server is away", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });
  test.use({
    ownProvost: async ({ mailServer }, use) => withProvost({ settings: { ...mailServer.settings, ...LIMITS } }, use),
  });

  test("nobody waits for it, and later every mail arrives once", async ({ page, mailServer, ownProvost }) => {
    test.setTimeout(OUTAGE_MS + 240_000);
    const person = await Person.create(ownProvost);
    const valueOf = async (query: string) => (await ownProvost.execute(query))[0][0];
    await mailServer.stop();
    try {
      const leastOutage = pause(OUTAGE_MS);
      const addresses = [newAddress(), newAddress(), newAddress()];
      for (const email of addresses) {
        const begin = performance.now();
        await register(page, email);
        await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
        expect(performance.now() - begin, "time to register").toBeLessThan(MOST_REQUEST_MS);
      }
      await requestReset(page, person.email);
      await expect(page.getByText(SENT)).toBeVisible();
      const attempts = () => valueOf("SELECT max(attempts) FROM mail");
      await expect.poll(attempts, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
      await leastOutage;
      await mailServer.launch();
      for (const email of addresses) {
        await verify(page, linkOf(await mailServer.next(email, VERIFY)));
        await expect(page.getByText("Your email address is verified. Sign in to go on.")).toBeVisible();
      }
      await mailServer.next(person.email, RESET);
      const waiting = () => valueOf("SELECT count(*) FROM mail WHERE next_attempt IS NOT NULL");
      await expect.poll(waiting, { timeout: 60_000 }).toBe(0);
      for (const email of addresses) expect(mailServer.to(email).length, email).toBe(1);
      expect(mailServer.to(person.email).filter(({ subject }) => RESET.test(subject)).length).toBe(1);
    } finally {
      await mailServer.stop();
      await mailServer.launch();
    }
  });
});

test.describe("without a mail server", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });
  test.use({ ownProvost: async ({}, use) => withProvost({}, use) });

  test("the link is in a file for the administrator", async ({ page, ownProvost }) => {
    const person = await Person.create(ownProvost);
    await requestReset(page, person.email);
    await expect(page.getByText("Ask your administrator for the link.")).toBeVisible();
    await expectAccessible(page);
    const folder = join(ownProvost.data, "outbox");
    const find = () => (existsSync(folder) ? readdirSync(folder) : []).find((name) => name.includes("reset-password")) ?? "";
    await expect.poll(find).not.toBe("");
    const file = find();
    expect(statSync(join(folder, file)).mode & 0o777, "only the server’s user reads it").toBe(0o600);
    const text = readFileSync(join(folder, file), "utf8");
    const link = text.match(/\/reset-password\?token=\S+/)?.[0] ?? "";
    expect(ownProvost.log()).toContain(file);
    expect(ownProvost.log(), "the log does not have the link").not.toContain("token=");
    await chooseNewPassword(page, link, NEW_PASSWORD);
    await expect(page.getByText("Your password was changed. Sign in with the new one.")).toBeVisible();
    await person.signIn(page, NEW_PASSWORD);
    await expect(page.getByRole("article")).toContainText("Harbour");
    await expect(page.getByText("Verify your email address."), "no banner asks for what no mail can do").toHaveCount(0);
  });
});
