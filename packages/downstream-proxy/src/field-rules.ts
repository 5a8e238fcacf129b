import { isForwardedField, writtenForwarded } from "./forwarded.ts";
import { hopByHop } from "./hop-by-hop.ts";

/** What becomes of a field of the client's request. */
interface FieldRule {
  /** In lower case. */
  readonly name: string;
  /** The name with `-` for all that is neither letter nor digit: fields that share it can be one at a service. */
  readonly foldedName: string;
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
  "dnt",
  "idempotency-key",
  "if-modified-since",
  "if-none-match",
  "origin",
  "pragma",
  "priority",
  "range",
  "referer",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-fetch-user",
  "traceparent",
  "tracestate",
  "upgrade-insecure-requests",
  "user-agent",
  "x-forwarded-port",
  "x-real-ip",
  "x-request-id",
];

/** `Proxy` is none of HTTP's, but becomes `HTTP_PROXY` in CGI, where many clients take it for their proxy (CVE-2016-5385). */
const always: readonly string[] = [...hopByHop, ...writtenForwarded, "host", "expect", "content-length", "via", "proxy"];

/** In CGI and WSGI (RFC 3875, 4.1.18; PEP 3333) `-` becomes `_`, and at some servers every other character does. */
const odd = /[^a-z\d-]/;
const allOdd = /[^a-z\d-]/g;

/** Tells for the name of a field, in any case, what becomes of it. */
export type RuleOf = (name: string) => FieldRule;

/**
 * Names in the usual cases are looked up, others worked out.
 *
 * @param dropsOddNames whether a name with something else than letters, digits and `-` is dropped whatever it stands for; if not,
 * such a name has the rule of the one that it can be taken for
 */
export function prepareFieldRules(alsoDropped: readonly string[], dropsOddNames = false): RuleOf {
  const dropped = new Set([...always, ...alsoDropped]);
  const described = new Set(describing);
  const makeRule = (name: string): FieldRule => {
    const foldedName = odd.test(name) ? name.replace(allOdd, "-") : name;
    return {
      name,
      foldedName,
      isDropped: dropped.has(foldedName) || (dropsOddNames && foldedName !== name),
      isForwarded: isForwardedField(foldedName),
      describesBody: described.has(foldedName),
    };
  };
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
