import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";

import type { FileSnapshot } from "@aivillage/middleware";

import { ConfigError } from "../loader/config-error.ts";
import { readText } from "../loader/file-text.ts";

/** A key that signs identity tokens, and its algorithm (RFC 7518, RFC 8037). */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/**
 * Reads the key from the text of its file.
 *
 * @throws ConfigError for a key that signs nothing, which it does not repeat
 */
export function readSigningKey(text: string): SigningKey {
  if (!text.includes("-----BEGIN")) {
    const secret = text.trim();
    if (secret.length < 32) throw new ConfigError(["the key must have at least 32 characters: make one with `openssl rand -hex 32`"]);
    return { key: createSecretKey(Buffer.from(secret)), algorithm: "HS256" };
  }
  const key = readPrivateKey(text);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined)
    throw new ConfigError(["the key must be an Ed25519, P-256 or RSA key of 2,048 bits: `openssl genpkey -algorithm ed25519`"]);
  return { key, algorithm };
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigError(["the key is not a private key in PEM: make one with `openssl genpkey -algorithm ed25519`"]);
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | undefined {
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  if (asymmetricKeyType === "ec") return asymmetricKeyDetails.namedCurve === "prime256v1" ? "ES256" : undefined;
  return asymmetricKeyType === "rsa" && (asymmetricKeyDetails.modulusLength ?? 0) >= 2_048 ? "RS256" : undefined;
}

/** @throws ConfigError when the file cannot be read, or holds no key */
export function identityKeyFault(path: string, files: FileSnapshot): void {
  readSigningKey(readText(files, path, "The key file"));
}
