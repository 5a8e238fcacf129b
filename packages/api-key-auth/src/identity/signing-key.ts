import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";

import { OptionError } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** A key that signs tokens, and its algorithm (RFC 7518, RFC 8037). */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/**
 * Reads a private key in PEM, or a shared secret for HS256.
 *
 * @throws OptionError for a text that is no such key. The error does not repeat it.
 */
export function readSigningKey(text: string): SigningKey {
  if (!text.includes("-----BEGIN")) {
    const secret = text.trim();
    if (secret.length < 32) throw badKey("must have at least 32 characters: make one with `openssl rand -hex 32`");
    return { key: createSecretKey(Buffer.from(secret)), algorithm: "HS256" };
  }
  const key = readPrivateKey(text);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw badKey("must be an Ed25519, P-256 or RSA key of 2,048 bits: `openssl genpkey -algorithm ed25519`");
  return { key, algorithm };
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw badKey("is not a private key in PEM: make one with `openssl genpkey -algorithm ed25519`");
  }
}

function badKey(problem: string): OptionError {
  return new OptionError({ packageName, option: "key", expected: "a private key or a shared secret", reason: `the key ${problem}` });
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | undefined {
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  if (asymmetricKeyType === "ec") return asymmetricKeyDetails.namedCurve === "prime256v1" ? "ES256" : undefined;
  return asymmetricKeyType === "rsa" && (asymmetricKeyDetails.modulusLength ?? 0) >= 2_048 ? "RS256" : undefined;
}
