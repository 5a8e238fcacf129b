import { headerMatcher } from "./header-patterns.ts";
import { ownedRequestHeaders } from "./owned-headers.ts";
import { requestClaims } from "./request-claims.ts";

/** How a header of the client's request is treated. */
export interface FieldRule {
  /** In lower case. */
  readonly name: string;
  /** The name with `-` for every character but letters and digits: a service may treat headers that share it as one. */
  readonly normalisedName: string;
  /** Never forwarded unchanged. */
  readonly isDropped: boolean;
  /** Forwarded from a trusted peer only. */
  readonly needsTrust: boolean;
  /** Describes the client's body: dropped if another body is sent. */
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

/** Other headers that most clients send; listed so that no rule has to be computed for them. */
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
  "x-api-key",
  "x-request-id",
];

const isClaim = headerMatcher(requestClaims.flatMap(({ names }) => names));

/** In CGI and WSGI (RFC 3875, 4.1.18; PEP 3333) `-` becomes `_`, and with some servers so does every other character. */
const nonstandard = /[^a-z\d-]/;
const allNonstandard = /[^a-z\d-]/g;

/** The name in lower case, with `-` for every character but letters and digits. */
export function normalisedName(name: string): string {
  const lowerCase = name.toLowerCase();
  return nonstandard.test(lowerCase) ? lowerCase.replace(allNonstandard, "-") : lowerCase;
}

/** Which headers of a client are forwarded. */
export interface FieldPolicy {
  /** Names that are dropped in addition to those that always are, in lower case. */
  readonly dropped?: readonly string[];
  /** Names and patterns that every client may send. */
  readonly forwardHeaders?: readonly string[];
  /** Names and patterns that trusted peers may send. */
  readonly forwardTrustedHeaders?: readonly string[];
  /** Whether headers that neither list names are forwarded, unless they are claims. Default true. */
  readonly forwardUnlisted?: boolean;
  /** Whether names with other characters than letters, digits and `-` are forwarded. Default true. */
  readonly forwardNonstandardHeaders?: boolean;
}

/** Other names are remembered as clients write them. Clients choose them, so their number and length are bounded. */
const maxRemembered = 500;
const maxRememberedLength = 100;

/** The rule for the name of a header, in any case. */
export type RuleOf = (name: string) => FieldRule;

/**
 * Prepares the lookup of rules. Common names are looked up, others computed; the first few hundred of those are remembered.
 *
 * A name with other characters than letters, digits and `-` has the rule of the name that it can be mistaken for.
 */
export function prepareFieldRules(options: FieldPolicy): RuleOf {
  const { forwardNonstandardHeaders = true } = options;
  const dropped = new Set([...ownedRequestHeaders, ...(options.dropped ?? [])]);
  const described = new Set(describing);
  const passage = preparePassage(options);
  const makeRule = (name: string): FieldRule => {
    const normalised = normalisedName(name);
    const passes = passage(normalised);
    return {
      name,
      normalisedName: normalised,
      // Pseudo-headers of HTTP/2 begin with a colon.
      isDropped:
        passes === "nobody" || name.startsWith(":") || dropped.has(normalised) || (!forwardNonstandardHeaders && normalised !== name),
      needsTrust: passes === "trusted",
      describesBody: described.has(normalised),
    };
  };
  const known = new Map<string, FieldRule>();
  for (const name of [...dropped, ...describing, ...common, ...configuredNames(options)]) {
    const rule = makeRule(name);
    known.set(name, rule).set(capitalised(name), rule);
  }
  const maxKnown = known.size + maxRemembered;
  return function ruleOf(name) {
    const before = known.get(name);
    if (before !== undefined) return before;
    const lowerCase = name.toLowerCase();
    const rule = known.get(lowerCase) ?? makeRule(lowerCase);
    if (known.size < maxKnown && name.length <= maxRememberedLength) known.set(name, rule);
    return rule;
  };
}

/** Listed names that are not patterns, in lower case. */
function configuredNames({ forwardHeaders = [], forwardTrustedHeaders = [] }: FieldPolicy): string[] {
  return [...forwardHeaders, ...forwardTrustedHeaders].filter((name) => !name.includes("*")).map((name) => name.toLowerCase());
}

/** An upgrade needs these, and they mean nothing in other requests. */
const handshake = "sec-websocket-*";

/** From whom a header with a given name is forwarded. */
function preparePassage(options: FieldPolicy): (name: string) => "everybody" | "trusted" | "nobody" {
  const { forwardHeaders = [], forwardTrustedHeaders = [], forwardUnlisted = true } = options;
  const isListed = headerMatcher([handshake, ...forwardHeaders]);
  const isListedForTrusted = headerMatcher(forwardTrustedHeaders);
  return (name) => {
    if (isListed(name)) return "everybody";
    if (isListedForTrusted(name)) return "trusted";
    return forwardUnlisted && !isClaim(name) ? "everybody" : "nobody";
  };
}

function capitalised(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
