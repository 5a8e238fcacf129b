import type { IncomingMessage } from "node:http";

import { isPlainObject, option, OptionError, readOptions, returns } from "@aivillage/middleware";

import { type Carrier, carriersRule, readCarriers } from "./carriers.ts";
import { type FailuresOptions, readFailuresOptions } from "./failures/failures-options.ts";
import { type JwtOptions, readJwtOptions } from "./jwt/jwt-options.ts";
import type { ApiKey } from "./keys/api-key.ts";
import { KeyRing } from "./keys/key-ring.ts";
import { packageName } from "./package-name.ts";

/** Options of `apiKeyAuth()`. */
export interface ApiKeyAuthOptions {
  /** The keys that are accepted, or a `KeyRing` whose keys can be replaced while requests are served. May be empty only with `jwt`. */
  keys: readonly ApiKey[] | KeyRing;
  /** Accepts signed tokens beside the keys. Default: none are. */
  jwt?: JwtOptions;
  /** Where requests carry their key or token. Default `["authorization"]`: `Authorization: Bearer <key>`. */
  carriers?: readonly Carrier[];
  /**
   * The client's address, for keys with `addresses` and for `failures`. It must come from a source that the client cannot write.
   * Default: the remote address of the socket; no header is read.
   */
  clientIp?: (req: IncomingMessage) => string | undefined;
  /** Refuses further guesses of a client with 429 after too many; `{}` for the defaults. Default: every guess is a 401. */
  failures?: FailuresOptions;
  /** Sent in `WWW-Authenticate`, printable ASCII without quotes and backslashes. Default `api`. */
  realm?: string;
  /**
   * `false`: a request without good credentials is refused at once. `true`: it goes on without a principal, and
   * `requirePrincipal()` refuses it later; what stands between, such as a rate limit, sees it first. Default `false`.
   */
  deferRefusal?: boolean;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: () => number;
}

const anything = (): boolean => true;

export function readApiKeyAuthOptions(given: ApiKeyAuthOptions) {
  const { keys, jwt, carriers, failures, ...rest } = readOptions(packageName, given, {
    // Checked where they are read, by errors that do not show what came.
    keys: option.custom<readonly ApiKey[] | KeyRing>("", [], anything),
    jwt: option.custom<JwtOptions | undefined>("", undefined, anything),
    carriers: carriersRule,
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(remoteAddress, returns.optionalString),
    failures: option.custom<FailuresOptions | undefined>("an object", undefined, isPlainObject),
    realm: option.custom<string>(
      "printable ASCII without quotes and backslashes",
      "api",
      (value) => typeof value === "string" && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value),
    ),
    deferRefusal: option.boolean(false),
    now: option.function<() => number>(() => Date.now()),
  });
  const ring = keys instanceof KeyRing ? keys : new KeyRing(keys);
  if (Array.isArray(keys) && keys.length === 0 && jwt === undefined) {
    const reason = "option `keys` must hold a key, or nobody could come in; give keys, a KeyRing or `jwt`";
    throw new OptionError({ packageName, option: "keys", expected: "a list of at least one key", reason });
  }
  return {
    ...rest,
    ring,
    carriers: readCarriers(carriers),
    jwt: jwt === undefined ? undefined : readJwtOptions(jwt),
    failures: failures === undefined ? undefined : readFailuresOptions(failures),
  };
}

const remoteAddress = (req: IncomingMessage): string | undefined => req.socket.remoteAddress;
