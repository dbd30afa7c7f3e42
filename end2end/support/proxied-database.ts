/** A separate PostgreSQL database behind a TCP proxy; the proxy can cut all connections, as in an outage. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { promisify } from "node:util";

let created = 0;

export class ProxiedDatabase {
  private readonly sockets = new Set<Socket>();
  private proxy?: Server;
  private port = 0;

  private constructor(
    private readonly cluster: URL,
    private readonly name: string,
  ) {}

  static async create(): Promise<ProxiedDatabase> {
    const clusterUrl = process.env.TEST_DATABASE_URL;
    if (!clusterUrl) throw new Error("TEST_DATABASE_URL must name a PostgreSQL server");
    const database = new ProxiedDatabase(new URL(clusterUrl), `end2end_${process.pid}_${++created}`);
    await database.psql(`CREATE DATABASE ${database.name}`);
    await database.reconnect();
    return database;
  }

  /** The database's URL through the proxy. */
  get url(): string {
    const { username, password } = this.cluster;
    const credentials = [username || "postgres", password].filter(Boolean).join(":");
    return `postgres://${credentials}@127.0.0.1:${this.port}/${this.name}`;
  }

  async reconnect(): Promise<void> {
    this.proxy = createServer((client) => this.forward(client)).listen(this.port, "127.0.0.1");
    await once(this.proxy, "listening");
    this.port = (this.proxy.address() as AddressInfo).port;
  }

  /** Closes all connections and accepts no new ones. */
  async disconnect(): Promise<void> {
    const { proxy } = this;
    if (!proxy?.listening) return;
    proxy.close();
    for (const socket of this.sockets) socket.destroy();
    await once(proxy, "close");
  }

  async dispose(): Promise<void> {
    await this.disconnect();
    await this.psql(`DROP DATABASE ${this.name} WITH (FORCE)`);
  }

  private forward(client: Socket): void {
    const server = connect(this.serverAddress());
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      this.sockets.add(socket);
      // Errors are expected when the proxy cuts a connection.
      socket.on("error", () => {}).on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  /** The address of the PostgreSQL server: TCP, or the folder of its Unix socket. */
  private serverAddress(): NetConnectOpts {
    const { searchParams, hostname, port } = this.cluster;
    const host = searchParams.get("host") ?? hostname;
    const serverPort = searchParams.get("port") ?? (port || "5432");
    return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${serverPort}` } : { host, port: Number(serverPort) };
  }

  private psql(command: string): Promise<unknown> {
    return promisify(execFile)("psql", ["--no-psqlrc", "--quiet", "--dbname", this.cluster.href, "--command", command]);
  }
}
