/** Serves a provider on loopback: its pages and endpoints, the faults that a test asks for, and `/control`, by which tests ask. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const MAX_BODY_BYTES = 64 * 1024;
const LARGE_BODY_BYTES = 50 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, " ");

/**
 * @typedef {{ subject: string, login: string, name: string, email: string, emailVerified: boolean | string, primary: boolean }} Account
 * @typedef {{ at: string, how: string }} Fault What is wrong with which answer, until a test asks for another fault or none.
 */

/** What tests have asked for. */
export const control = {
  /** @type {Map<string, Account>} By subject. */
  accounts: new Map(),
  /** @type {Fault | null} */
  fault: null,
  /** How many bytes of endless bodies were sent. */
  sentBytes: 0,
};

/** How the answer of this endpoint is to be wrong, or undefined. */
export function faultAt(endpoint) {
  return control.fault?.at === endpoint ? control.fault.how : undefined;
}

/**
 * Listens on loopback, on a port of the system's choice if none is given, and prints the URL.
 *
 * `makeApp` returns the handler of requests, given the URL. `endpointOf` names the endpoint of a path, or returns undefined. `rotate`
 * replaces the signing keys.
 */
export async function serve(port, { makeApp, endpointOf, rotate }) {
  let answer;
  const server = createServer((request, response) => {
    respond(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });

  async function respond(request, response) {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/favicon.ico") return send(response, 204);
    if (pathname === "/control") return controlled(request, response);
    const endpoint = endpointOf(pathname);
    const fail = endpoint && TRANSPORT_FAULTS[faultAt(endpoint)];
    await (fail ?? answer)(request, response);
  }

  async function controlled(request, response) {
    if (request.method === "PUT") {
      const { accounts, fault, rotate: isRotated } = JSON.parse(await readBody(request));
      for (const account of accounts ?? []) control.accounts.set(account.subject, account);
      if (fault !== undefined) [control.fault, control.sentBytes] = [fault, 0];
      if (isRotated) await rotate?.();
    }
    send(response, 200, JSON.stringify({ sentBytes: control.sentBytes }), "application/json");
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  // Not 127.0.0.1, where Provost is: browsers treat `localhost` as another site, as every real provider is.
  const url = `http://localhost:${server.address().port}`;
  answer = makeApp(url);
  console.log(url);
  process.send?.(url);
  // The tests have ended, even if they could not end this process.
  process.on("disconnect", () => process.exit());
}

/** Faults of any answer. */
const TRANSPORT_FAULTS = {
  /** Never answers. */
  slow: (request) => once(request.socket, "close"),
  /** Closes the connection without an answer, as a crashed server does. */
  down: (request) => request.socket.destroy(),
  /** JSON that is valid, but only at its end, after 50 MB. */
  large: async (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    // A client that has read enough closes the connection.
    await pipeline(Readable.from(largeBody()), response).catch(() => {});
  },
  /** Not JSON. */
  html: (_, response) => send(response, 200, "<h1>Maintenance</h1>"),
  unavailable: (_, response) => send(response, 503, "<h1>Maintenance</h1>"),
};

function* largeBody() {
  for (let rest = LARGE_BODY_BYTES; rest > 0; rest -= CHUNK.length) {
    control.sentBytes += CHUNK.length;
    yield CHUNK;
  }
  yield "{}";
}

/** The page on which a person chooses an account or cancels. The forms are sent to the page's own URL. */
export function chooserPage(provider) {
  const accounts = [...control.accounts.values()].reverse();
  const button = ({ subject, login }) => `<button name="account" value="${escaped(subject)}">Continue as ${escaped(login)}</button>`;
  return `<!doctype html><html lang="en"><title>${provider}</title><meta name="viewport" content="width=device-width">
<h1>Sign in to ${provider}</h1>
<form method="post">${accounts.map(button).join("\n")}<button name="cancel" value="yes">Cancel</button></form>`;
}

export function send(response, status, body = "", type = "text/html; charset=utf-8", headers = {}) {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...headers }).end(body);
}

/** The body of a request, which must be short. */
export async function readBody(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new Error("the body is too long");
  }
  return body;
}

/** Whether the URL is a callback of Provost on this machine. Its port is not known before it starts. */
export function isCallback(url) {
  return /^http:\/\/(127\.0\.0\.1|localhost|provost\.test):\d+\/auth\/callback\/[a-z0-9-]+$/.test(url ?? "");
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
