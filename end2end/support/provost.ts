/** The real program on a free port, with a data folder of its own. Knows no page. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.PROVOST_TEST_BIN ?? fileURLToPath(new URL("../../target/debug/provost", import.meta.url));
const STARTS_WITHIN = 30_000;
const RETRY = 20;

/** What it is besides a server with a data folder. */
interface Kind {
  local?: boolean;
  databaseUrl?: string;
}

export class Provost {
  private child?: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), "provost-end2end-"));
  readonly data = join(this.folder, "data");

  private constructor(
    readonly port: number,
    private readonly kind: Kind,
  ) {}

  static async start(kind: Kind = {}): Promise<Provost> {
    const provost = new Provost(await freePort(), kind);
    await provost.up();
    return provost;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where its data lies, as flags. */
  private get place(): string[] {
    const { databaseUrl } = this.kind;
    return ["--data-dir", this.data, ...(databaseUrl ? ["--database-url", databaseUrl] : [])];
  }

  /** Everything that the program has said. */
  log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** Starts it, again if it was stopped: at the same address, on the same data. */
  async up(): Promise<void> {
    const log = openSync(join(this.folder, "log"), "a");
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, ...this.place, ...(this.kind.local ? ["--local"] : [])];
    this.child = spawn(PROGRAM, args, { cwd: this.folder, env: surroundings(), stdio: ["ignore", log, log] });
    closeSync(log);
    await once(this.child, "spawn");
    const deadline = Date.now() + STARTS_WITHIN;
    while (!(await this.isReady())) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the server did not start:\n${this.log()}`);
      }
      await pause(RETRY);
    }
  }

  async down(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true });
  }

  /** Runs `provost admin …` beside it and gives back what was printed. */
  admin(command: string, options: Record<string, string>, input = ""): Promise<string> {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return new Promise((done, fail) => {
      const child = execFile(PROGRAM, ["admin", command, ...this.place, ...flags], { env: surroundings() }, (error, printed, said) =>
        error ? fail(new Error(`${command}: ${said}`)) : done(printed.trim()),
      );
      // A command that reads nothing may be done before it could be told anything.
      child.stdin?.on("error", () => {}).end(input);
    });
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/api/ready`)).ok;
    } catch {
      return false;
    }
  }
}

/** Settings of whoever runs the tests are not the tests'. */
export function surroundings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PROVOST|PREFECT)_/.test(name));
  return Object.fromEntries(kept);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
