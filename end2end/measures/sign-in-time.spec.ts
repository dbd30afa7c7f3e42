/**
 * Whether the time of an answer tells who has an account: sign-ins with a wrong password, and requests for a new password, for known and
 * unknown addresses in turn. The limits of sign-ins and requests are raised, because they would answer instead.
 */
import { Agent, request } from "node:http";
import { expect, test as base, withProvost } from "../support/external";
import type { Provost } from "../support/provost";

const PAIRS = 300;
/** Not measured: connections and caches are new. */
const WARM_UP = 20;
/** An address gets three mails an hour that others cause. The first verifies it, so two requests are left. */
const REQUESTS_PER_ADDRESS = 2;
const PEOPLE = Math.ceil((PAIRS + WARM_UP) / REQUESTS_PER_ADDRESS);
const LIMITS = {
  sign_in_burst: "1000000",
  sign_in_per_second: "1000000",
  account_attempts: "10000",
  register_burst: "1000000",
  register_per_second: "1000000",
};
const PASSWORD = "a lamp outside the door";

const test = base.extend<{ measured: Provost; withMail: Provost }>({
  measured: async ({}, use) => withProvost({ settings: LIMITS }, use),
  withMail: async ({ mailServer }, use) => withProvost({ settings: { ...LIMITS, ...mailServer.settings } }, use),
});

/** The fields of a form by address. */
type Form = (email: string) => Record<string, string>;

const signInForm: Form = (email) => ({ email, password: "not the right words", to: "/" });
const addressForm: Form = (email) => ({ email });

test("sign-ins with a wrong password", async ({ measured }) => {
  await measure("sign-in", measured, "/ui/sign-in", signInForm);
});

test("requests for a new password", async ({ withMail }) => {
  await measure("reset, with a mail server", withMail, "/ui/request-password-reset", addressForm);
});

test("requests for a new password without a mail server", async ({ measured }) => {
  await measure("reset, without a mail server", measured, "/ui/request-password-reset", addressForm);
});

test("registrations", async ({ withMail }) => {
  let handles = 0;
  const form: Form = (email) => ({ name: "Nell Gray", email, handle: `nell-${++handles}`, password: PASSWORD, to: "" });
  await measure("register, with a mail server", withMail, "/ui/register", form);
});

/** Prints the medians of both kinds of addresses, and by how much they differ. */
async function measure(name: string, provost: Provost, path: string, form: Form): Promise<void> {
  for (let number = 0; number < PEOPLE; number++) await createUser(provost, number);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const [known, unknown]: number[][] = [[], []];
  for (let pair = 0; pair < PAIRS + WARM_UP; pair++) {
    const number = pair % PEOPLE;
    // Which is first changes from pair to pair, so that neither always has the warmer cache.
    const pairs = [[known, emailOf(number)], [unknown, `nobody-${pair}@harbour.example`]] as const;
    for (const [times, email] of pair % 2 ? pairs : pairs.toReversed()) {
      const time = await timeOf(agent, provost, path, form(email));
      if (pair >= WARM_UP) times.push(time);
    }
  }
  agent.destroy();
  const [a, b] = [median(known), median(unknown)];
  const difference = ((a - b) / b) * 100;
  console.log(`${name}: known ${a.toFixed(2)} ms, unknown ${b.toFixed(2)} ms, difference ${difference.toFixed(1)} % (${PAIRS} pairs, limits raised)`);
}

async function createUser(provost: Provost, number: number): Promise<void> {
  const email = emailOf(number);
  await provost.admin("create-user", { email, handle: `known-${number}`, name: "Isla Fraser", "password-file": "-" }, PASSWORD);
}

function emailOf(number: number): string {
  return `known-${number}@harbour.example`;
}

/** Sends a form as a browser without scripts does; returns the milliseconds until the answer has come. */
async function timeOf(agent: Agent, { url }: Provost, path: string, fields: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(fields).toString();
  const headers = { accept: "text/html", origin: url, "content-type": "application/x-www-form-urlencoded" };
  const begin = performance.now();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${url}${path}`, { agent, method: "POST", headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode)).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
  const time = performance.now() - begin;
  expect(status, "the form is answered, and not by a limit").toBe(303);
  return time;
}

function median(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
