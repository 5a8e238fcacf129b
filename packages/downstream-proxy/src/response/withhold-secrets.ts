import type { IncomingMessage } from "node:http";

import { isSyncFunction, option, OptionError, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "../options/package-name.ts";
import type { FilteredHead, ResponseFilter } from "../options/response-filter.ts";
import { SecretWatch } from "./secret-watch.ts";

type Filter = (req: IncomingMessage, head: FilteredHead) => ResponseFilter | undefined;

/** Options of `withholdSecrets()`. */
export interface WithholdSecretsOptions {
  /** The credentials that the target gets, as they are at any time. Those of fewer than 8 characters are not searched for. */
  secrets: () => readonly string[];
  /** Makes the error that the client gets in place of a response with a secret, such as an `HttpProblem` with the status 502. */
  withhold: (req: IncomingMessage, head: FilteredHead) => Error;
  /** Another filter of the same response. Default: none. */
  filter?: Filter;
}

/** A shorter text would be found in responses that have nothing to do with it. */
const shortest = 8;

/**
 * Makes a `filter` that keeps responses with a status from 400 from clients if they repeat a secret, in a header or in the content. A
 * compressed one cannot be searched and is withheld too.
 *
 * @throws OptionError for an unknown or bad option
 */
export function withholdSecrets(options: WithholdSecretsOptions): Filter {
  const { secrets: current, withhold, filter } = readWithholdOptions(options);
  return (req, head) => {
    const inner = filter?.(req, head);
    const secrets = head.status < 400 ? [] : current().filter((secret) => secret.length >= shortest);
    if (secrets.length === 0) return inner;
    if (isCoded(head) || hasAny(head, secrets)) throw withhold(req, head);
    return new SecretWatch(secrets, inner, () => withhold(req, head));
  };
}

function isCoded({ headers }: FilteredHead): boolean {
  return (headers["content-encoding"] ?? "identity") !== "identity";
}

function hasAny({ headers }: FilteredHead, secrets: readonly string[]): boolean {
  return Object.values(headers).some((value) => secrets.some((secret) => String(value).includes(secret)));
}

function readWithholdOptions(given: Partial<WithholdSecretsOptions>) {
  const { secrets, withhold, filter } = readOptions(packageName, given, {
    // Checked below, by an error that does not show what came.
    secrets: option.custom<(() => readonly string[]) | undefined>(
      "",
      undefined,
      () => true,
      returns.custom("a list of texts", Array.isArray),
    ),
    withhold: option.function<(req: IncomingMessage, head: FilteredHead) => Error>(
      undefined,
      returns.custom("an Error", (result) => result instanceof Error),
    ),
    filter: option.function<Filter>(undefined),
  });
  if (!isSyncFunction(secrets))
    throw new OptionError({ packageName, option: "secrets", expected: "a function that returns a list of texts" });
  if (withhold === undefined) throw new OptionError({ packageName, option: "withhold", expected: "a function that returns an error" });
  return { secrets, withhold, filter };
}
