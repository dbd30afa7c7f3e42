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

interface Options {
  local?: boolean;
  databaseUrl?: string;
}

export class Provost {
  private child?: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), "provost-end2end-"));
  readonly data = join(this.folder, "data");

  private constructor(
    readonly port: number,
    private readonly options: Options,
  ) {}

  static async start(options: Options = {}): Promise<Provost> {
    const provost = new Provost(await freePort(), options);
    await provost.launch();
    return provost;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
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
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, ...this.dataFlags, ...(this.options.local ? ["--local"] : [])];
    this.child = spawn(PROGRAM, args, { cwd: this.folder, env: testEnvironment(), stdio: ["ignore", log, log] });
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
      const child = execFile(PROGRAM, ["admin", command, ...this.dataFlags, ...flags], { env: testEnvironment() }, (error, stdout, stderr) =>
        error ? reject(new Error(`${command}: ${stderr}`)) : resolve(stdout.trim()),
      );
      // A command that does not read its input may end before the input is written.
      child.stdin?.on("error", () => {}).end(input);
    });
  }

  /** Runs a statement in the SQLite file, for what no command can do. */
  async execute(statement: string, ...values: string[]): Promise<void> {
    const script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2], sys.argv[3:]); c.commit()";
    await promisify(execFile)(PYTHON, ["-c", script, join(this.data, "provost.db"), statement, ...values]);
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
