import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

import { defined, OptionError, option, readOptions } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";
import type { TlsOptions } from "./target-options.ts";

/** Checked options of TLS, by their names in `node:tls`. */
export interface CheckedTls {
  readonly ca?: string | string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
}

const text = option.custom<string | undefined>("a non-empty string", undefined, isText);

const rules = {
  ca: option.custom<TlsOptions["ca"]>("PEM certificates", undefined, isTextOrTexts),
  cert: text,
  key: text,
  passphrase: text,
  serverName: text,
};

/** @throws OptionError also for certificates and keys that OpenSSL cannot read, or that do not match */
export function readTls(at: string, given: TlsOptions): CheckedTls {
  const { ca, serverName, ...rest } = readOptions(packageName, given, rules, at);
  const secrets = defined({ ...rest, ca: typeof ca === "object" ? [...ca] : ca });
  if ((rest.cert === undefined) !== (rest.key === undefined)) fail(at, "`cert` and `key` belong together");
  try {
    createSecureContext(secrets);
    // OpenSSL ignores a text without a certificate, and then no target is trusted.
    for (const certificate of [ca ?? []].flat()) void new X509Certificate(certificate);
  } catch (error) {
    fail(at, `OpenSSL cannot use it: ${String(error)}`);
  }
  return defined({ ...secrets, servername: serverName });
}

/** The values are not shown: one of them is a private key. */
function fail(at: string, reason: string): never {
  throw new OptionError({ packageName, option: at, expected: "certificates and a key in PEM", reason: `option \`${at}\`: ${reason}` });
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTextOrTexts(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
}
