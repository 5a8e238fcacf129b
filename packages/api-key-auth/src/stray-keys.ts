import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";

type Headers = IncomingMessage["headers"];

/** Options of `strayKeys()`. */
export interface StrayKeysOptions {
  /** Required: whether a text is a key of this app, such as `(text) => ring.check(text, Date.now()) !== "unknown"`. */
  isKey: (text: string) => boolean;
  /** Headers in which clients send their credentials, in lower case. Default `["authorization"]`. */
  carriers?: readonly string[];
}

/** Finds credentials where a client has put them by mistake, for a proxy that must not pass them on. */
export interface StrayKeys {
  /**
   * Names of the headers of a request, in lower case, that hold a key or the client's own credential. `Authorization` is not searched: whether
   * it is forwarded is another question.
   */
  headersOf(req: IncomingMessage): readonly string[];
  /** A path with its query, without the members of the query that hold one. */
  without(target: string, req: IncomingMessage): string;
  /**
   * Whether the value of a header for credentials holds a key: one of any length as the whole, after a scheme, or as user or password of Basic
   * credentials (RFC 7617), and one of at least 8 characters anywhere.
   */
  isIn(text: string): boolean;
}

/** Shorter ones are not looked for in the middle of a text: each word would have to be digested. */
const shortest = 8;
/** What may be a key in any text: what an `Authorization` header can carry (RFC 6750, 2.1). */
const token = /[\w\-.~+/]{8,4096}=*/g;

/** Signs that a key may hold, and that stand around one in addresses and sentences. */
const edge = /^[/.~+-]|[/.~+-]$/;
/** Each run of them is looked at once. */
const around = /^[/.~+-]+|(?<![/.~+-])[/.~+-]+$/g;

const scheme = /^[\w-]+[ \t]+/;
/** What Basic credentials consist of (RFC 7617), with the alphabet of base64url too. */
const basic = /^basic[ \t]+([\w+/-]+)/i;

/** Headers that are on every request, and whose values are none of the client's choice. */
const common = new Set(
  `accept accept-encoding accept-language anthropic-beta anthropic-version authorization cache-control connection content-length content-type
  host sec-fetch-dest sec-fetch-mode sec-fetch-site traceparent transfer-encoding user-agent`.split(/\s+/),
);

/**
 * Makes what finds keys of this app, and the credential of the request itself, in its other headers and its query. The head of a request
 * bounds the work.
 *
 * @throws OptionError for an unknown or bad option
 */
export function strayKeys(options: StrayKeysOptions): StrayKeys {
  const { isKey, carriers } = readStrayOptions(options);

  /** Whether the client has sent it as its credential: a signed token, which is in no list of keys. */
  function isPresented(text: string, headers: Headers): boolean {
    return carriers.some((carrier) => {
      const sent = headers[carrier];
      return typeof sent === "string" && sent.endsWith(text) && /^(?:[\w-]+ +)?$/.test(sent.slice(0, -text.length));
    });
  }

  function holdsOne(text: string, headers: Headers): boolean {
    return hasKey(text, (each) => isKey(each) || isPresented(each, headers));
  }

  return {
    headersOf: ({ headers }) =>
      Object.keys(headers).filter(
        (name) => !common.has(name) && !name.startsWith("x-stainless-") && holdsOne(String(headers[name]), headers),
      ),
    without(target, { headers }) {
      const start = target.indexOf("?");
      if (start === -1) return target;
      const members = target.slice(start + 1).split("&");
      const kept = members.filter((member) => !holdsOne(member, headers) && !holdsOne(decoded(member), headers));
      if (kept.length === members.length) return target;
      return target.slice(0, start) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
    },
    isIn: (text) => credentialsIn(text).some(isKey) || hasKey(text, isKey),
  };
}

/** Whether a text has a key among what may be one, the parts of that between slashes, as in an address, and each without the signs around it. */
function hasKey(text: string, isKey: (candidate: string) => boolean): boolean {
  const isLongKey = (part: string): boolean => part.length >= shortest && isKey(part);
  const isInSigns = (part: string): boolean => isLongKey(part) || (edge.test(part) && isLongKey(part.replaceAll(around, "")));
  return tokensIn(text).some((found) => isInSigns(found) || (found.includes("/") && found.split("/").some(isInSigns)));
}

/** What may be a key in a text; of Basic credentials, also in what they say. */
function tokensIn(text: string): readonly string[] {
  return [text, decodedBasic(text)].flatMap((each) => each.match(token) ?? []);
}

/** The whole of a value, what follows its scheme, and the user and the password of Basic credentials. */
function credentialsIn(text: string): readonly string[] {
  const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(decodedBasic(text)) ?? [];
  return [text, text.replace(scheme, ""), user, password].filter((each) => each !== "");
}

/** What Basic credentials say; empty for a text that is none. */
function decodedBasic(text: string): string {
  return Buffer.from(basic.exec(text)?.[1] ?? "", "base64").toString("latin1");
}

function readStrayOptions(given: Partial<StrayKeysOptions>): Required<StrayKeysOptions> {
  const { isKey, carriers } = readOptions(packageName, given, {
    isKey: option.function<StrayKeysOptions["isKey"]>(undefined, returns.boolean),
    carriers: option.custom<readonly string[]>("a list of header names in lower case", ["authorization"], isLowerCaseNames),
  });
  if (isKey === undefined) throw optionError(packageName, "isKey", "a function", isKey);
  return { isKey, carriers };
}

function isLowerCaseNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && /^[\w-]+$/.test(name) && name === name.toLowerCase());
}

/** As forms are written, with a space as a `+` (URL Standard, 5.1): there it may stand between a scheme and a key. */
function decoded(member: string): string {
  try {
    return decodeURIComponent(member.replaceAll("+", " "));
  } catch {
    return member;
  }
}
