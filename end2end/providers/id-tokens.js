/** Signing keys, and ID tokens that a client must refuse. */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";

const HOUR = 3600;

/** A new private key as a JWK, with an id of its own. */
export function newKey(id = randomUUID()) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: id, alg: "RS256", use: "sig" };
}

/** The token with one thing wrong. `key` is the one with which the provider signs. */
export function spoiled(token, how, { key, clientSecret }) {
  const [header, payload, signature] = token.split(".");
  const claims = read(payload);
  const signed = (changes) => write({ ...read(header) }, { ...claims, ...changes }, key);
  switch (how) {
    case "issuer":
      return signed({ iss: `${claims.iss}/` });
    case "audience":
      return signed({ aud: "another-client" });
    case "nonce":
      return signed({ nonce: randomUUID() });
    case "no-nonce":
      return signed({ nonce: undefined });
    case "expired":
      return signed({ iat: claims.iat - 2 * HOUR, exp: claims.exp - 2 * HOUR });
    case "tampered":
      return [header, text({ ...claims, sub: "1" }), signature].join(".");
    case "foreign-key":
      return write(read(header), claims, newKey(key.kid));
    case "none":
      return `${text({ alg: "none" })}.${payload}.`;
    case "none-signed":
      return `${text({ ...read(header), alg: "none" })}.${payload}.${signature}`;
    case "hs256":
      return hmac({ ...read(header), alg: "HS256" }, payload, publicPem(key));
    case "hs256-secret":
      return hmac({ alg: "HS256" }, payload, clientSecret);
    default:
      throw new Error(`unknown fault of an ID token: ${how}`);
  }
}

function write(header, claims, key) {
  const content = `${text(header)}.${text(claims)}`;
  const signature = sign("RSA-SHA256", Buffer.from(content), createPrivateKey({ key, format: "jwk" }));
  return `${content}.${signature.toString("base64url")}`;
}

function hmac(header, payload, secret) {
  const content = `${text(header)}.${payload}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

function publicPem(key) {
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
}

const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
