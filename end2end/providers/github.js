/**
 * A server with the endpoints of GitHub's OAuth apps: `node github.js`. The API is below `/api/v3`, as on a GitHub Enterprise Server.
 * With `PORT` it listens there. It has an account from the start, so that it can be tried without tests.
 */
import { createHash, randomBytes } from "node:crypto";
import { chooserPage, control, faultAt, isCallback, readBody, send, serve } from "./listener.js";

const CLIENT_ID = "provost";
const CLIENT_SECRET = "github-secret";
const AUTHORIZE = "/login/oauth/authorize";
const TOKEN = "/login/oauth/access_token";
const ENDPOINTS = { [TOKEN]: "token", "/api/v3/user": "user", "/api/v3/user/emails": "emails" };

/** Codes and access tokens with what they stand for. */
const codes = new Map();
const tokens = new Map();

control.accounts.set("583231", {
  subject: "583231",
  login: "octavia",
  name: "Octavia Reed",
  email: "octavia@harbour.example",
  emailVerified: true,
  primary: true,
});

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return send(response, 200, "<!doctype html><title>GitHub</title><h1>GitHub</h1>");
    case `GET ${AUTHORIZE}`:
      return isValid(url.searchParams) ? send(response, 200, chooserPage("GitHub")) : send(response, 400, "<h1>Bad request</h1>");
    case `POST ${AUTHORIZE}`:
      return authorize(url.searchParams, new URLSearchParams(await readBody(request)), response);
    case `POST ${TOKEN}`:
      return sendTokens(new URLSearchParams(await readBody(request)), request, response);
    case "GET /api/v3/user":
      return sendUser(request, response);
    case "GET /api/v3/user/emails":
      return sendEmails(request, response);
    default:
      return sendJson(response, 404, { message: "Not Found" });
  }
}

/** GitHub accepts requests without PKCE; this server doesn't, so that a client that leaves it out is found. */
function isValid(query) {
  const has = (name, value) => query.get(name) === value;
  const isApp = has("client_id", CLIENT_ID) && isCallback(query.get("redirect_uri")) && has("response_type", "code");
  return isApp && Boolean(query.get("state")) && Boolean(query.get("code_challenge")) && has("code_challenge_method", "S256");
}

function authorize(query, form, response) {
  const account = form.get("account") ?? "";
  if (!isValid(query)) return send(response, 400, "<h1>Bad request</h1>");
  const callback = new URL(query.get("redirect_uri"));
  const add = (name, value) => callback.searchParams.set(name, value);
  if (form.has("cancel") || faultAt("callback") === "error") {
    add("error", form.has("cancel") ? "access_denied" : "server_error");
    add("error_description", "The user has denied your application access.");
  } else if (control.accounts.has(account)) {
    const code = randomBytes(10).toString("hex");
    codes.set(code, { account, challenge: query.get("code_challenge"), callback: query.get("redirect_uri"), scope: query.get("scope") ?? "" });
    add("code", faultAt("callback") === "code" ? "0123456789" : code);
  } else {
    return send(response, 400, "<h1>Bad request</h1>");
  }
  add("state", faultAt("callback") === "state" ? randomBytes(32).toString("base64url") : query.get("state"));
  send(response, 302, "", "text/html", { location: callback.href });
}

/** Errors have status 200, as at GitHub. */
function sendTokens(form, request, response) {
  const sendError = (error) => sendJson(response, 200, { error, error_description: "See the documentation." });
  const code = codes.get(form.get("code"));
  codes.delete(form.get("code"));
  if (request.headers.accept !== "application/json") return sendJson(response, 406, { message: "Not Acceptable" });
  if (form.get("client_id") !== CLIENT_ID || form.get("client_secret") !== CLIENT_SECRET) return sendError("incorrect_client_credentials");
  const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
  const isRedeemed = code && code.challenge === challenge && code.callback === form.get("redirect_uri");
  if (!isRedeemed || faultAt("token") === "error") return sendError("bad_verification_code");
  const token = `gho_${randomBytes(18).toString("hex")}`;
  tokens.set(token, code);
  sendJson(response, 200, { access_token: token, token_type: "bearer", scope: code.scope.replaceAll(" ", ",") });
}

function sendUser(request, response) {
  const access = accessOf(request, response, "read:user");
  if (!access) return;
  const { subject, login, name } = access;
  const id = faultAt("user") === "id" ? undefined : Number(subject);
  sendJson(response, 200, { id, login, name, email: null, type: "User" });
}

function sendEmails(request, response) {
  const account = accessOf(request, response, "user:email");
  if (!account) return;
  const { email, emailVerified: verified, primary, login } = account;
  const hidden = { email: `${login}@users.noreply.github.example`, primary: false, verified: true, visibility: null };
  const other = { email: `${login}@elsewhere.example`, primary: true, verified: false, visibility: null };
  sendJson(response, 200, [{ email, primary, verified, visibility: "private" }, hidden, ...(primary ? [] : [other])]);
}

/** The account whose access token a request has. Without one, without the scope or without a user agent an error is sent. */
function accessOf(request, response, scope) {
  const { authorization = "", "user-agent": agent } = request.headers;
  const token = tokens.get(authorization.replace(/^Bearer /i, ""));
  if (!agent) return void sendJson(response, 403, { message: "Request forbidden by administrative rules." });
  if (!token) return void sendJson(response, 401, { message: "Bad credentials" });
  if (!token.scope.split(" ").includes(scope)) return void sendJson(response, 404, { message: "Not Found" });
  return control.accounts.get(token.account);
}

function sendJson(response, status, body) {
  send(response, status, JSON.stringify(body), "application/json; charset=utf-8");
}

await serve(Number(process.env.PORT ?? 0), { makeApp: () => answer, endpointOf: (path) => ENDPOINTS[path] });
