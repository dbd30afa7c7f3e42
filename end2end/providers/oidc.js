/**
 * An OpenID Connect provider: `node oidc.js NAME`. With `PORT` it listens there; with `CLAIMS=id_token` the ID token contains the address,
 * as Google's does, otherwise the userinfo endpoint alone.
 */
import { randomBytes } from "node:crypto";
import Provider from "oidc-provider";
import { newKey, spoiled } from "./id-tokens.js";
import { chooserPage, control, faultAt, isCallback, readBody, send, serve } from "./listener.js";

const NAME = process.argv[2] ?? "OpenID Connect";
const CLIENT_ID = "provost";
const CLIENT_SECRET = "oidc-secret";
const CHOOSER = "/interaction/";
const ENDPOINTS = { "/.well-known/openid-configuration": "discovery", "/jwks": "jwks", "/token": "token", "/me": "userinfo" };

let key = newKey();
let provider;
let issuer;

function configuration() {
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: ["http://127.0.0.1/auth/callback/oidc"],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    conformIdTokenClaims: process.env.CLAIMS !== "id_token",
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `${CHOOSER}${uid}` },
    findAccount: (_, subject) => {
      const account = control.accounts.get(subject);
      return account && { accountId: subject, claims: () => claimsOf(account) };
    },
    loadExistingGrant,
    renderError: (context, out) => {
      context.type = "html";
      context.body = `<!doctype html><title>${NAME}</title><h1>${out.error}</h1><p>${out.error_description ?? ""}</p>`;
    },
  };
}

function claimsOf({ subject, name, login, email, emailVerified }) {
  return { sub: subject, name, preferred_username: login, email, email_verified: emailVerified };
}

/** The client may read what it asks for, so people choose an account and nothing else. */
async function loadExistingGrant({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

/** A provider with the present key. */
function makeProvider() {
  const made = new Provider(issuer, configuration());
  made.Client.prototype.redirectUriAllowed = isCallback;
  made.use(async (context, next) => {
    await next();
    spoilTokens(context);
    spoilCallback(context);
  });
  return made;
}

function spoilTokens(context) {
  const how = faultAt("id_token");
  if (how && context.body?.id_token) {
    context.body = { ...context.body, id_token: spoiled(context.body.id_token, how, { key, clientSecret: CLIENT_SECRET }) };
  }
  if (faultAt("token") === "error" && context.path === "/token") {
    context.status = 400;
    context.body = { error: "invalid_grant", error_description: "grant request is invalid" };
  }
  if (faultAt("userinfo") === "subject" && context.path === "/me") context.body = { ...context.body, sub: "1" };
}

function spoilCallback(context) {
  const how = faultAt("callback");
  const location = context.response.get("location");
  if (!how || !location || !isCallback(location.split("?")[0])) return;
  const callback = new URL(location);
  const { searchParams: query } = callback;
  if (how === "iss") query.set("iss", "http://localhost:1");
  if (how === "no-iss") query.delete("iss");
  if (how === "state") query.set("state", randomBytes(32).toString("base64url"));
  if (how === "code") query.set("code", randomBytes(32).toString("base64url"));
  if (how === "error") {
    query.delete("code");
    query.set("error", "temporarily_unavailable");
  }
  context.set("location", callback.href);
}

async function answer(request, response) {
  // Sessions would make the provider skip the choice of an account.
  request.headers.cookie = request.headers.cookie?.replace(/_session(\.\w+)*=[^;]*;?/g, "");
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/") return send(response, 200, `<!doctype html><title>${NAME}</title><h1>${NAME}</h1>`);
  if (!pathname.startsWith(CHOOSER)) return provider.callback()(request, response);
  if (request.method === "GET") return send(response, 200, chooserPage(NAME));
  const form = new URLSearchParams(await readBody(request));
  const denied = { error: "access_denied", error_description: "End-User aborted interaction" };
  const result = form.has("cancel") ? denied : { login: { accountId: form.get("account") ?? "" } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

await serve(Number(process.env.PORT ?? 0), {
  makeApp: (url) => {
    issuer = url;
    provider = makeProvider();
    return answer;
  },
  endpointOf: (path) => ENDPOINTS[path],
  rotate: () => {
    key = newKey();
    provider = makeProvider();
  },
});
