/** An identity provider in a process of its own; see `providers/`. Must not know any page of Provost. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { testEnvironment } from "./provost";

interface Kind {
  script: string;
  /** What people call it. */
  label: string;
  /** The provider's name in the settings. */
  name: string;
  env?: Record<string, string>;
  settings: (url: string) => Record<string, string>;
}

const KINDS = {
  google: {
    script: "oidc.js",
    label: "Google",
    name: "google",
    env: { CLAIMS: "id_token" },
    settings: (issuer) => ({ kind: "google", issuer, client_secret: "oidc-secret" }),
  },
  staff: {
    script: "oidc.js",
    label: "Harbour staff",
    name: "harbour-staff",
    settings: (issuer) => ({ kind: "oidc", label: "Harbour staff", issuer, client_secret: "oidc-secret" }),
  },
  github: {
    script: "github.js",
    label: "GitHub",
    name: "github",
    settings: (base_url) => ({ kind: "github", base_url, client_secret: "github-secret" }),
  },
} satisfies Record<string, Kind>;

export interface Account {
  /** The provider's id of the account. */
  subject: string;
  /** Unique, and a valid handle. */
  login: string;
  name: string;
  email: string;
  emailVerified: boolean | string;
  /** At GitHub: whether it is the primary address. */
  primary: boolean;
}

let created = 0;

export class IdentityProvider {
  private child?: ChildProcess;
  private readonly accounts: Account[] = [];
  url = "";

  private constructor(private readonly kind: Kind) {}

  static async start(kind: keyof typeof KINDS): Promise<IdentityProvider> {
    const provider = new IdentityProvider(KINDS[kind]);
    await provider.launch();
    return provider;
  }

  get label(): string {
    return this.kind.label;
  }

  get name(): string {
    return this.kind.name;
  }

  /** The settings of Provost for this provider. */
  get settings(): Record<string, string> {
    const settings = { client_id: "provost", ...this.kind.settings(this.url) };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`providers.${this.name}.${key}`, value]));
  }

  /** Starts the process; after `stop` with the same URL and accounts, and with new keys. */
  async launch(): Promise<void> {
    const script = fileURLToPath(new URL(`../providers/${this.kind.script}`, import.meta.url));
    const env = { ...testEnvironment(), ...this.kind.env, PORT: this.url && new URL(this.url).port };
    // Its warnings are about a use outside of tests.
    const child = fork(script, [this.label], { env, execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    this.child = child;
    const exit = once(child, "exit").then(([code]) => Promise.reject(new Error(`${this.kind.script} ended with ${code}`)));
    const [url] = await Promise.race([once(child, "message"), exit]);
    exit.catch(() => {});
    this.url = url as string;
    await this.control({ accounts: this.accounts });
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** Creates an account with a verified address. */
  async createAccount(changes: Partial<Account> = {}): Promise<Account> {
    const login = `ann-${process.pid}-${++created}`;
    const account = { login, name: "Ann Lee", email: `${login}@harbour.example`, emailVerified: true, primary: true };
    const subject = String(process.pid * 10_000 + created);
    const made = { ...account, subject, ...changes };
    this.accounts.push(made);
    await this.control({ accounts: [made] });
    return made;
  }

  /** Changes an account that exists. */
  async updateAccount(account: Account, changes: Partial<Account>): Promise<void> {
    await this.control({ accounts: [Object.assign(account, changes)] });
  }

  /** From now on `how` is wrong with the answers of an endpoint, or with a part of them. */
  async fail(at: string, how: string): Promise<void> {
    await this.control({ fault: { at, how } });
  }

  /** From now on nothing is wrong. */
  async recover(): Promise<void> {
    await this.control({ fault: null });
  }

  /** Signs with new keys. */
  async rotateKeys(): Promise<void> {
    await this.control({ rotate: true });
  }

  /** How many bytes of endless bodies it has sent since the last fault began. */
  async sentBytes(): Promise<number> {
    return (await this.control({})).sentBytes;
  }

  private async control(body: object): Promise<{ sentBytes: number }> {
    const response = await fetch(`${this.url}/control`, { method: "PUT", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${this.label}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
