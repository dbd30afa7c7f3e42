/** A person with an account, a workspace and an API key, created with `provost admin`; signs in to the pages. */
import type { BrowserContext, Page } from "@playwright/test";
import { Client } from "./client";
import type { Provost } from "./provost";

const PASSWORD = "lamps burn outside";
let created = 0;

export class Person {
  /** Path of the pages of their workspace. */
  readonly workspacePath: string;
  readonly client: Client;
  readonly password = PASSWORD;

  private constructor(
    readonly provost: Provost,
    readonly handle: string,
    readonly key: string,
    ids: { account: string; workspace: string },
  ) {
    const { account, workspace } = ids;
    this.workspacePath = `/account/${account}/workspace/${workspace}`;
    this.client = new Client(`${provost.url}/api/accounts/${account}/workspaces/${workspace}`, key);
  }

  static async create(provost: Provost, handle = `person-${process.pid}-${++created}`, name = handle): Promise<Person> {
    await provost.admin("create-user", { email: emailOf(handle), handle, name, "password-file": "-" }, PASSWORD);
    await provost.admin("create-workspace", { account: handle, name: "Harbour", description: "Tides and ships" });
    const key = await provost.admin("create-key", { user: handle, name: "laptop" });
    const response = await fetch(`${provost.url}/api/me/workspaces`, { headers: { authorization: `Bearer ${key}` } });
    const [{ account_id: account, workspace_id: workspace }] = await response.json();
    return new Person(provost, handle, key, { account, workspace });
  }

  /** Creates another workspace and uses a new key once, but creates no runs; returns the path of its pages. */
  async createWorkspace(name: string): Promise<string> {
    await this.provost.admin("create-workspace", { account: this.handle, name });
    const key = await this.provost.admin("create-key", { user: this.handle, name });
    const response = await fetch(`${this.provost.url}/api/me/workspaces`, { headers: { authorization: `Bearer ${key}` } });
    const workspaces: Record<string, string>[] = await response.json();
    const workspace = workspaces.find(({ workspace_name }) => workspace_name === name);
    return `/account/${workspace?.account_id}/workspace/${workspace?.workspace_id}`;
  }

  /** Makes this person a viewer in their first workspace, because no page or command can change roles yet. */
  async becomeViewer(): Promise<void> {
    const id = this.workspacePath.split("/").pop()?.replaceAll("-", "") ?? "";
    await this.provost.execute("UPDATE workspace_member SET role = 'viewer' WHERE lower(hex(workspace_id)) = ?", id);
  }

  get email(): string {
    return emailOf(this.handle);
  }

  get runsPath(): string {
    return `${this.workspacePath}/runs`;
  }

  get variablesPath(): string {
    return `${this.workspacePath}/variables`;
  }

  runPath(run: { id: string }): string {
    return `${this.runsPath}/flow-run/${run.id}`;
  }

  async signInByRequest(context: BrowserContext): Promise<void> {
    await signInByRequest(context, this.provost, this);
  }

  /** Fills in the sign-in form and sends it. */
  async signIn(page: Page, password = this.password): Promise<void> {
    await page.getByLabel("Email").fill(this.email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }
}

/** Signs a browser in without opening a page, with the request of the sign-in form. */
export async function signInByRequest(
  context: BrowserContext,
  { url }: Provost,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const response = await context.request.post(`${url}/ui/sign-in`, {
    form: { email, password, to: "/" },
    headers: { accept: "text/html", origin: url },
    maxRedirects: 0,
  });
  if (response.headers().location !== "/") throw new Error(`sign-in of ${email} failed: ${response.status()}`);
}

function emailOf(handle: string): string {
  return `${handle}@harbour.example`;
}
