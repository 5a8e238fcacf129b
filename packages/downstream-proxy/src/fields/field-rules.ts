import { headerMatcher } from "./header-patterns.ts";
import { ownedRequestHeaders } from "./owned-headers.ts";
import { requestClaims } from "./request-claims.ts";

/** What becomes of a field of the client's request. */
export interface FieldRule {
  /** In lower case. */
  readonly name: string;
  /** The name with `-` for all that is neither letter nor digit: fields that share it can be one at a service. */
  readonly foldedName: string;
  /** Never forwarded as it came. */
  readonly isDropped: boolean;
  /** Forwarded from a trusted peer only. */
  readonly needsTrust: boolean;
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
  "x-api-key",
  "x-request-id",
];

const isClaim = headerMatcher(requestClaims.flatMap(({ names }) => names));

/** In CGI and WSGI (RFC 3875, 4.1.18; PEP 3333) `-` becomes `_`, and at some servers every other character does. */
const odd = /[^a-z\d-]/;
const allOdd = /[^a-z\d-]/g;

/** Which fields of a client are forwarded. */
export interface FieldPolicy {
  /** Names that are dropped besides those that always are, in lower case. */
  readonly dropped?: readonly string[];
  /** Names and patterns that every client may send. */
  readonly forwardHeaders?: readonly string[];
  /** Names and patterns that trusted peers may send. */
  readonly forwardTrustedHeaders?: readonly string[];
  /** Whether fields that neither list names are forwarded, unless they are claims. Default true. */
  readonly forwardUnlisted?: boolean;
  /** Whether names with something else than letters, digits and `-` are forwarded. Default true. */
  readonly forwardOddNames?: boolean;
}

/** Names that clients send besides, as they write them. Clients choose them, so their number and length are bounded. */
const mostRemembered = 500;
const longestRemembered = 100;

/** Says for the name of a field, in any case, what becomes of it. */
export type RuleOf = (name: string) => FieldRule;

/**
 * Names in the usual cases are looked up, others worked out; the first few hundred of those are remembered.
 *
 * A name with something else than letters, digits and `-` has the rule of the one that it can be taken for.
 */
export function prepareFieldRules(options: FieldPolicy): RuleOf {
  const { forwardOddNames = true } = options;
  const dropped = new Set([...ownedRequestHeaders, ...(options.dropped ?? [])]);
  const described = new Set(describing);
  const passage = preparePassage(options);
  const makeRule = (name: string): FieldRule => {
    const foldedName = odd.test(name) ? name.replace(allOdd, "-") : name;
    const passes = passage(foldedName);
    return {
      name,
      foldedName,
      isDropped: passes === "nobody" || dropped.has(foldedName) || (!forwardOddNames && foldedName !== name),
      needsTrust: passes === "trusted",
      describesBody: described.has(foldedName),
    };
  };
  const known = new Map<string, FieldRule>();
  for (const name of [...dropped, ...describing, ...common, ...configuredNames(options)]) {
    const rule = makeRule(name);
    known.set(name, rule).set(capitalised(name), rule);
  }
  const mostKnown = known.size + mostRemembered;
  return function ruleOf(name) {
    const before = known.get(name);
    if (before !== undefined) return before;
    const lowerCase = name.toLowerCase();
    const rule = known.get(lowerCase) ?? makeRule(lowerCase);
    if (known.size < mostKnown && name.length <= longestRemembered) known.set(name, rule);
    return rule;
  };
}

/** Listed names that are no patterns, in lower case. */
function configuredNames({ forwardHeaders = [], forwardTrustedHeaders = [] }: FieldPolicy): string[] {
  return [...forwardHeaders, ...forwardTrustedHeaders].filter((name) => !name.includes("*")).map((name) => name.toLowerCase());
}

/** Without these no protocol changes, and they mean nothing in other requests. */
const handshake = "sec-websocket-*";

/** Whose field of a name is forwarded. */
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
