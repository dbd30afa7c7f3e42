/** A PostgreSQL database of one's own behind a gate: while that is shut, its server is away. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { promisify } from "node:util";

let made = 0;

export class GatedDatabase {
  private readonly sockets = new Set<Socket>();
  private gate?: Server;
  private port = 0;

  private constructor(
    private readonly cluster: URL,
    private readonly name: string,
  ) {}

  static async make(): Promise<GatedDatabase> {
    const named = process.env.TEST_DATABASE_URL;
    if (!named) throw new Error("TEST_DATABASE_URL must name a PostgreSQL server");
    const database = new GatedDatabase(new URL(named), `end2end_${process.pid}_${++made}`);
    await database.psql(`CREATE DATABASE ${database.name}`);
    await database.open();
    return database;
  }

  /** Its address, through the gate. */
  get url(): string {
    const { username, password } = this.cluster;
    const who = [username || "postgres", password].filter(Boolean).join(":");
    return `postgres://${who}@127.0.0.1:${this.port}/${this.name}`;
  }

  async open(): Promise<void> {
    this.gate = createServer((caller) => this.pass(caller)).listen(this.port, "127.0.0.1");
    await once(this.gate, "listening");
    this.port = (this.gate.address() as AddressInfo).port;
  }

  /** Ends every connection, and takes no other. */
  async shut(): Promise<void> {
    const { gate } = this;
    if (!gate?.listening) return;
    gate.close();
    for (const socket of this.sockets) socket.destroy();
    await once(gate, "close");
  }

  async end(): Promise<void> {
    await this.shut();
    await this.psql(`DROP DATABASE ${this.name} WITH (FORCE)`);
  }

  private pass(caller: Socket): void {
    const server = connect(this.server());
    for (const [socket, other] of [[caller, server], [server, caller]] as const) {
      this.sockets.add(socket);
      // Whoever is cut off may complain of it.
      socket.on("error", () => {}).on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  /** Where the server listens: the address may name the folder of its socket. */
  private server(): NetConnectOpts {
    const { searchParams, hostname, port } = this.cluster;
    const host = searchParams.get("host") ?? hostname;
    const at = searchParams.get("port") ?? (port || "5432");
    return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${at}` } : { host, port: Number(at) };
  }

  private psql(command: string): Promise<unknown> {
    return promisify(execFile)("psql", ["--no-psqlrc", "--quiet", "--dbname", this.cluster.href, "--command", command]);
  }
}
