import { isForwardedField, writtenForwarded } from "./forwarded.ts";
import { hopByHop } from "./hop-by-hop.ts";

/** What becomes of a field of the client's request. */
interface FieldRule {
  /** In lower case. */
  readonly name: string;
  /** Never sent on as it came. */
  readonly isDropped: boolean;
  /** Tells about the way of the request: worth nothing from a peer that is not trusted. */
  readonly isForwarded: boolean;
  /** Describes the body that the client sent: goes when another one is sent. */
  readonly describesBody: boolean;
}

const describing: readonly string[] = [
  "content-type",
  "content-encoding",
  "content-language",
  "content-md5",
  "content-digest",
  "repr-digest",
  "digest",
];

/** What most clients send besides; listed so that it is found without a look at its letters. */
const common: readonly string[] = [
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "baggage",
  "cache-control",
  "cookie",
  "idempotency-key",
  "origin",
  "referer",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-forwarded-port",
  "x-real-ip",
  "x-request-id",
];

const always: readonly string[] = [...hopByHop, ...writtenForwarded, "host", "expect", "content-length", "via"];

/** Tells for the name of a field, in any case, what becomes of it. */
export type RuleOf = (name: string) => FieldRule;

/** Names in the usual cases are looked up, others worked out. */
export function prepareFieldRules(alsoDropped: readonly string[]): RuleOf {
  const dropped = new Set([...always, ...alsoDropped]);
  const described = new Set(describing);
  const makeRule = (name: string): FieldRule => ({
    name,
    isDropped: dropped.has(name),
    isForwarded: isForwardedField(name),
    describesBody: described.has(name),
  });
  const known = new Map<string, FieldRule>();
  for (const name of [...dropped, ...describing, ...common]) {
    const rule = makeRule(name);
    known.set(name, rule).set(capitalised(name), rule);
  }
  return (name) => known.get(name) ?? known.get(name.toLowerCase()) ?? makeRule(name.toLowerCase());
}

function capitalised(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
