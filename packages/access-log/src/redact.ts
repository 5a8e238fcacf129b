import { isNativeError } from "node:util/types";

import { defined } from "@aivillage/middleware";

const secretName =
  /^(?:proxy-?)?authorization$|cookies?$|passw(?:or)?d|passphrase|secret|(?:api|private|signing)[-_]?keys?$|token$|^credentials?$|^jwt$/i;
const verdicts = new Map<string, boolean>();
const maxVerdicts = 1_000;

/** The same few names come in every line, so that their verdicts are remembered; names may come from outside, so not all are. */
function isSecretName(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = secretName.test(name);
  if (verdicts.size < maxVerdicts) verdicts.set(name, verdict);
  return verdict;
}

/** More than a log line should ever hold; what is beyond, as in a whole request object, is cut. */
const maxDepth = 10;
const maxValues = 1_000;

interface Walk {
  readonly ancestors: object[];
  values: number;
}

/** Cleans the fields of a line; the same object when there is nothing to do, which is the usual case. */
export function cleanFields(fields: object): Record<string, unknown> {
  return (isClean(fields) ? fields : clean(fields)) as Record<string, unknown>;
}

function isClean(fields: object): boolean {
  try {
    for (const name in fields) {
      const value = (fields as Record<string, unknown>)[name];
      if (isSecretName(name) || (typeof value === "object" && value !== null)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * A copy of a value that is fit for a log: secrets by name are replaced, errors described, cycles and excess cut.
 *
 * It never throws: a getter or `toJSON` that does leaves a note in the place of the value.
 */
export function clean(value: unknown): unknown {
  try {
    return cleanValue(value, { ancestors: [], values: 0 });
  } catch {
    return { unreadable: "[a member of the logged value has thrown]" };
  }
}

function cleanValue(value: unknown, walk: Walk): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (walk.ancestors.includes(value)) return "[circular]";
  walk.values += 1;
  if (walk.ancestors.length >= maxDepth || walk.values > maxValues) return "[cut]";
  walk.ancestors.push(value);
  const cleaned = cleanObject(value, walk);
  walk.ancestors.pop();
  return cleaned;
}

function cleanObject(value: object, walk: Walk): unknown {
  if (value instanceof Error || isNativeError(value)) return cleanMembers(describeError(value), walk);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ("toJSON" in value && typeof value.toJSON === "function") return cleanValue(value.toJSON(), walk);
  if (Array.isArray(value)) return value.slice(0, maxValues).map((entry) => cleanValue(entry, walk));
  return cleanMembers(value, walk);
}

function cleanMembers(value: object, walk: Walk): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, maxValues);
  return Object.fromEntries(entries.map(([name, member]) => [name, isSecretName(name) ? "[redacted]" : cleanValue(member, walk)]));
}

/** What a log says of an error. Its other members are left out: libraries put whole requests and their headers there. */
function describeError(error: Error): Record<string, unknown> {
  const { code, status, errors } = error as Error & Record<"code" | "status" | "errors", unknown>;
  return {
    type: error.name === "Error" ? error.constructor.name : error.name,
    message: error.message,
    stack: error.stack,
    ...defined({ code, status, cause: error.cause }),
    ...(Array.isArray(errors) && { errors }),
  };
}
