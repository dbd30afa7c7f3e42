/** Runs the server on a free port with a new data folder. Must not know any page. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = process.env.PROVOST_TEST_BIN ?? fileURLToPath(new URL("../../target/debug/provost", import.meta.url));
/** The Python environments of the clients, which `cargo xtask setup` installs. */
export const VENVS = process.env.PROVOST_TEST_VENVS ?? fileURLToPath(new URL("../../target/venv", import.meta.url));
const PYTHON = join(VENVS, "3.8.8", "bin", "python");
const START_LIMIT = 30_000;
const RETRY_INTERVAL = 20;

export interface ProvostOptions {
  local?: boolean;
  databaseUrl?: string;
  /** Keys of `provost.toml`, such as `sign_up` or `providers.github.client_id`. */
  settings?: Record<string, string>;
  /** The host of the public URL, which browsers resolve to this machine. */
  publicHost?: string;
}

export class Provost {
  private child?: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), "provost-end2end-"));
  readonly data = join(this.folder, "data");

  private constructor(
    readonly port: number,
    private readonly options: ProvostOptions,
  ) {}

  static async start(options: ProvostOptions = {}): Promise<Provost> {
    const provost = new Provost(await freePort(), options);
    await provost.launch();
    return provost;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The URL at which browsers open it. */
  get publicUrl(): string {
    return `http://${this.options.publicHost ?? "127.0.0.1"}:${this.port}`;
  }

  /** The flags for the data folder and the database. */
  private get dataFlags(): string[] {
    const { databaseUrl } = this.options;
    return ["--data-dir", this.data, ...(databaseUrl ? ["--database-url", databaseUrl] : [])];
  }

  /** The server's log so far. */
  log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** Starts the process; after `stop` with the same port and data. */
  async launch(): Promise<void> {
    const log = openSync(join(this.folder, "log"), "a");
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, ...this.dataFlags];
    if (this.options.local) args.push("--local");
    if (this.options.publicHost) args.push("--public-url", this.publicUrl);
    this.child = spawn(PROGRAM, args, { cwd: this.folder, env: this.environment(), stdio: ["ignore", log, log] });
    closeSync(log);
    await once(this.child, "spawn");
    const deadline = Date.now() + START_LIMIT;
    while (!(await this.isReady())) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the server did not start:\n${this.log()}`);
      }
      await pause(RETRY_INTERVAL);
    }
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** Stops the server and deletes its data. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Runs `provost admin …` while the server runs, and returns the command's output. */
  admin(command: string, options: Record<string, string>, input = ""): Promise<string> {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return new Promise((resolve, reject) => {
      const child = execFile(PROGRAM, ["admin", command, ...this.dataFlags, ...flags], { env: this.environment() }, (error, stdout, stderr) =>
        error ? reject(new Error(`${command}: ${stderr}`)) : resolve(stdout.trim()),
      );
      // A command that does not read its input may end before the input is written.
      child.stdin?.on("error", () => {}).end(input);
    });
  }

  /** Runs a statement in the SQLite file, for what no command can do, and returns its rows. */
  async execute(statement: string, ...values: string[]): Promise<unknown[][]> {
    const run = "c = sqlite3.connect(sys.argv[1]); rows = c.execute(sys.argv[2], sys.argv[3:]).fetchall(); c.commit()";
    const script = `import json, sqlite3, sys; ${run}; print(json.dumps(rows, default=str))`;
    const { stdout } = await promisify(execFile)(PYTHON, ["-c", script, join(this.data, "provost.db"), statement, ...values]);
    return JSON.parse(stdout);
  }

  /** The variables of the process: the settings, and none of the developer's own. */
  private environment(): NodeJS.ProcessEnv {
    const variable = (key: string) => `PROVOST_${key.replace(/[.-]/g, "_").toUpperCase()}`;
    const settings = Object.entries(this.options.settings ?? {}).map(([key, value]) => [variable(key), value]);
    return { ...testEnvironment(), ...Object.fromEntries(settings) };
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/api/ready`)).ok;
    } catch {
      return false;
    }
  }
}

/** The environment without the developer's own settings of Provost and Prefect. */
export function testEnvironment(): NodeJS.ProcessEnv {
  const variables = Object.entries(process.env).filter(([name]) => !/^(PROVOST|PREFECT)_/.test(name));
  return Object.fromEntries(variables);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
