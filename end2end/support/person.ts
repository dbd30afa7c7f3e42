/** Somebody with an account, a workspace and a key, made from the command line; and how they sign in. */
import type { BrowserContext, Page } from "@playwright/test";
import { Client } from "./client";
import type { Provost } from "./provost";

const PASSWORD = "lamps burn outside";
let made = 0;

export class Person {
  /** The address of their workspace's pages. */
  readonly workspace: string;
  readonly client: Client;
  readonly password = PASSWORD;

  private constructor(
    readonly provost: Provost,
    readonly handle: string,
    readonly key: string,
    address: { account: string; workspace: string },
  ) {
    this.workspace = `/account/${address.account}/workspace/${address.workspace}`;
    const { account, workspace } = address;
    this.client = new Client(`${provost.url}/api/accounts/${account}/workspaces/${workspace}`, key);
  }

  static async make(provost: Provost, handle = `person-${process.pid}-${++made}`): Promise<Person> {
    await provost.admin("create-user", { email: mail(handle), handle, "password-file": "-" }, PASSWORD);
    await provost.admin("create-workspace", { account: handle, name: "Harbour", description: "Tides and ships" });
    const key = await provost.admin("create-key", { user: handle, name: "laptop" });
    const answer = await fetch(`${provost.url}/api/me/workspaces`, { headers: { authorization: `Bearer ${key}` } });
    const [{ account_id: account, workspace_id: workspace }] = await answer.json();
    return new Person(provost, handle, key, { account, workspace });
  }

  /** One more workspace, of which no more than a key of its own was used: the address of its pages. */
  async workspaceNamed(name: string): Promise<string> {
    await this.provost.admin("create-workspace", { account: this.handle, name });
    const key = await this.provost.admin("create-key", { user: this.handle, name });
    const answer = await fetch(`${this.provost.url}/api/me/workspaces`, { headers: { authorization: `Bearer ${key}` } });
    const workspaces: Record<string, string>[] = await answer.json();
    const made = workspaces.find(({ workspace_name }) => workspace_name === name);
    return `/account/${made?.account_id}/workspace/${made?.workspace_id}`;
  }

  get email(): string {
    return mail(this.handle);
  }

  get runs(): string {
    return `${this.workspace}/runs`;
  }

  page(run: { id: string }): string {
    return `${this.runs}/flow-run/${run.id}`;
  }

  /** Signs a browser in without its pages: by the form's own request. */
  async enter(context: BrowserContext): Promise<void> {
    const answer = await context.request.post(`${this.provost.url}/ui/sign-in`, {
      form: { email: this.email, password: this.password, to: "/" },
      headers: { accept: "text/html", origin: this.provost.url },
      maxRedirects: 0,
    });
    if (answer.headers().location !== "/") throw new Error(`${this.handle} was not let in: ${answer.status()}`);
  }

  /** Signs in as people do. */
  async signIn(page: Page, password = this.password): Promise<void> {
    await page.getByLabel("Email").fill(this.email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }
}

function mail(handle: string): string {
  return `${handle}@harbour.example`;
}
