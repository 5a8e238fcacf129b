import { option, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { secretBytes, secretExpected } from "./signature.ts";

/** Options of `budgetWebhook()`. */
export interface BudgetWebhookOptions {
  /** Where messages are posted. Required. */
  url: string;
  /**
   * The secret that signs them: `whsec_` and 24 to 64 bytes in Base64. A function is asked for each attempt, so that a file may be replaced.
   * Required.
   */
  secret: string | (() => string);
  /** Most messages that wait, those that are tried again included; further ones are given up. Default 1,000. */
  maxWaiting?: number;
  /** Attempts for each message. From 1 to 20, default 8: about an hour. */
  attempts?: number;
  /** Time until the second attempt, in milliseconds; it grows fourfold, up to 30 minutes. Default 1,000. */
  retryMs?: number;
  /** How long a receiver may take, in milliseconds. Default 10,000. */
  timeoutMs?: number;
}

const urlExpected = "an http:// or https:// URL without user and password";

function isUrl(value: unknown): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

const rules = {
  url: option.custom<string>(urlExpected, "", isUrl),
  // What is given is in no error.
  secret: option.custom<BudgetWebhookOptions["secret"]>(secretExpected, "", () => true),
  maxWaiting: option.integer(1_000, { min: 1, max: 100_000 }),
  attempts: option.integer(8, { min: 1, max: 20 }),
  retryMs: option.integer(1_000, { min: 1, max: 60_000 }),
  timeoutMs: option.integer(10_000, { min: 1, max: 60_000 }),
};

export type ReadWebhookOptions = ReturnType<typeof readWebhookOptions>;

export function readWebhookOptions(given: BudgetWebhookOptions) {
  const { secret, ...options } = readOptions<BudgetWebhookOptions, typeof rules>(packageName, given, rules);
  if (options.url === "") throw optionError(packageName, "url", urlExpected, undefined);
  const secretOf = (): Buffer => {
    const bytes = secretBytes(typeof secret === "function" ? secret() : secret);
    if (bytes === undefined) throw optionError(packageName, "secret", secretExpected, "another text (not shown)");
    return bytes;
  };
  if (typeof secret === "string") secretOf();
  return { ...options, secretOf };
}
