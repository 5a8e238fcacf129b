import { crc32 } from "node:zlib";

import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { randomBase62, toBase62 } from "./base62.ts";
import { digestOf } from "./key-digest.ts";

/** Options of `createApiKey()`. */
export interface CreateApiKeyOptions {
  /**
   * Names the service, so that a scanner for leaked secrets knows whose key it is: 2 to 16 small letters and digits, the first a
   * letter. Default `aiv`.
   */
  prefix?: string;
}

/** A new key: the text for the client, and what to keep of it. */
export interface CreatedApiKey {
  /** What the client sends. It cannot be had again: hand it over and forget it. */
  readonly key: string;
  /** The public part of `key`, which names it in logs and lists. */
  readonly keyId: string;
  /** The digest of `key`, the member `sha256` of an `ApiKey`. */
  readonly sha256: string;
}

/** What a key says of itself. */
export interface ParsedApiKey {
  readonly prefix: string;
  readonly keyId: string;
}

const keyIdLength = 12;
/** 43 digits to the base of 62 hold 256 bits. */
const secretLength = 43;
/** The largest CRC-32 needs 6. */
const checksumLength = 6;

const prefixForm = /^[a-z][a-z0-9]{1,15}$/;
/** `prefix_id.`, then secret and checksum. A key with an end that is cut off, or has grown, is still recognised as one. */
const keyForm = /^([a-z][a-z0-9]{1,15})_([0-9A-Za-z]{12})\.[0-9A-Za-z]*$/;

/**
 * Makes a key of the form `prefix_id.secret`: an id of 12 letters and digits, a secret of 43 (256 random bits) and, joined to the
 * secret, the CRC-32 of all before it in 6, which distinguishes a typing error from a wrong key.
 *
 * @throws OptionError for an unknown or bad option
 */
export function createApiKey(options?: CreateApiKeyOptions): CreatedApiKey {
  const { prefix } = readOptions(packageName, options, {
    prefix: option.custom<string>("2 to 16 small letters and digits, the first a letter", "aiv", isPrefix),
  });
  const keyId = randomBase62(keyIdLength);
  const text = `${prefix}_${keyId}.${randomBase62(secretLength)}`;
  const key = text + checksumOf(text);
  return { key, keyId, sha256: digestOf(key) };
}

/**
 * Reads what a key says of itself, without knowing any keys: its prefix and id, `mistyped` for a key of this form with another
 * length or checksum, or `opaque` for any other text, which may be a key all the same.
 */
export function parseApiKey(text: string): ParsedApiKey | "mistyped" | "opaque" {
  const [, prefix, keyId] = keyForm.exec(text) ?? [];
  if (prefix === undefined || keyId === undefined) return "opaque";
  const end = text.length - checksumLength;
  const isWhole = text.length === prefix.length + keyIdLength + 2 + secretLength + checksumLength;
  return isWhole && checksumOf(text.slice(0, end)) === text.slice(end) ? { prefix, keyId } : "mistyped";
}

function isPrefix(value: unknown): boolean {
  return typeof value === "string" && prefixForm.test(value);
}

function checksumOf(text: string): string {
  return toBase62(crc32(text), checksumLength);
}
