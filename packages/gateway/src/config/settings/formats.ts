import convict from "convict";

import { budgetsSchema, pricesSchema } from "./budget-config.ts";
import { carrierNames } from "./carrier-names.ts";
import { normaliseEnvironment } from "./environment-name.ts";
import { type Format, structured } from "./format.ts";
import { serviceHealthSchema } from "./health-config.ts";
import { upstreamConcurrencySchema } from "./route-concurrency.ts";
import { routeSchema } from "./route-config.ts";
import { exclusionsSchema, screeningModes } from "./screening-config.ts";
import { targetsSchema } from "./target-config.ts";
import { limitBys, tierSchema } from "./tier-config.ts";
import { bytes, type Measure, seconds } from "./units.ts";
import { isHost, isHttpUrl, isOrigin, isOriginPattern, isRedisUrl, isWebhookUrl } from "./url-forms.ts";

const toInteger = (text: string): unknown => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : text);
const toList = (text: string): unknown => text.split(",").flatMap((entry) => entry.trim() || []);
const integerIn = (min: number, max: number): Format => ({
  expected: `an integer from ${min} to ${max}`,
  coerce: toInteger,
  accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  schema: { type: "integer", minimum: min, maximum: max },
});
/** An integer that may carry a unit. */
const measureIn = (min: number, max: number, { unit, coerce, pattern, example }: Measure): Format => ({
  expected: `${unit} from ${min} to ${max}, such as ${example}`,
  coerce,
  accepts: integerIn(min, max).accepts,
  schema: { oneOf: [integerIn(min, max).schema, { type: "string", pattern }] },
});
const wordOf = (words: readonly string[]): Format => ({
  expected: `one of ${words.join(", ")}`,
  coerce: (text) => text.trim().toLowerCase(),
  accepts: (value) => words.some((word) => word === value),
  schema: { enum: words },
});
const isListOf = (accepts: (entry: string) => boolean, min: number) => (value: unknown) =>
  Array.isArray(value) && value.length >= min && value.every((entry) => typeof entry === "string" && accepts(entry));

const listSchema = { oneOf: [{ type: "array", items: { type: "string" } }, { type: "string" }] };

const levels = ["DEBUG", "INFO", "WARN", "ERROR"];
const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  on: true,
  false: false,
  "0": false,
  no: false,
  off: false,
};

/** The formats of all settings by the name that the schema uses. */
export const formats = {
  text: { expected: "a text", coerce: (text) => text, accepts: (value) => typeof value === "string", schema: { type: "string" } },
  host: {
    expected: "an IP address or a host name without a port, such as 0.0.0.0, :: or localhost",
    coerce: (text) => text.trim(),
    accepts: (value) => typeof value === "string" && isHost(value),
    schema: { type: "string", minLength: 1, maxLength: 253 },
  },
  "socket-path": {
    expected: "an absolute path of at most 107 bytes, such as /run/aivillage/admin.sock",
    coerce: (text) => text.trim(),
    // What Linux holds of it (unix(7)); a longer one would be cut off.
    accepts: (value) => value === "" || (typeof value === "string" && /^\/[^\0]*$/.test(value) && Buffer.byteLength(value) <= 107),
    schema: { type: "string", pattern: "^(/.*)?$", maxLength: 107 },
  },
  environment: {
    expected: "a word of letters, digits, `-` and `_`",
    coerce: normaliseEnvironment,
    accepts: (value) => typeof value === "string" && /^[\w-]{1,64}$/.test(value),
    schema: { type: "string", pattern: "^[\\w-]{1,64}$" },
  },
  "bearer-key": {
    expected: "1 to 4096 letters, digits or `-._~+/`, perhaps with `=` at the end (RFC 6750, 2.1)",
    coerce: (text) => text,
    accepts: (value) => typeof value === "string" && value.length <= 4096 && /^[\w.~+/-]+=*$/.test(value),
    schema: { type: "string", pattern: "^[\\w.~+/-]+=*$", maxLength: 4096 },
  },
  secret: {
    expected: "1 to 4096 visible ASCII characters without spaces",
    coerce: (text) => text,
    accepts: (value) => typeof value === "string" && /^[\x21-\x7e]{1,4096}$/.test(value),
    schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,4096}$" },
  },
  "optional-secret": {
    expected: "32 to 4096 visible ASCII characters without spaces",
    coerce: (text) => text,
    accepts: (value) => typeof value === "string" && /^(?:[\x21-\x7e]{32,4096})?$/.test(value),
    schema: { type: "string", pattern: "^([\\x21-\\x7e]{32,4096})?$" },
  },
  boolean: {
    expected: "true or false",
    coerce: (text) => booleans[text.trim().toLowerCase()] ?? text,
    accepts: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  },
  "port-number": integerIn(0, 65_535),
  "worker-count": integerIn(1, 256),
  count: integerIn(1, 1_000_000_000),
  // What the store in memory takes.
  "key-count": integerIn(1, 16_777_216),
  "queue-size": integerIn(0, 10_000),
  "queue-seconds": measureIn(1, 600, seconds),
  "count-or-none": integerIn(0, 1_000_000_000),
  seconds: measureIn(1, 86_400, seconds),
  // The health cascade takes no more.
  "probe-seconds": measureIn(1, 600, seconds),
  "probe-interval": measureIn(0, 3_600, seconds),
  "seconds-or-none": measureIn(0, 86_400, seconds),
  // Ten years, what the tokens' `exp` may be ahead.
  lifetime: measureIn(0, 315_360_000, seconds),
  tolerance: measureIn(0, 3_600, seconds),
  bytes: measureIn(1, 1_099_511_627_776, bytes),
  "bytes-or-none": measureIn(0, 1_099_511_627_776, bytes),
  depth: integerIn(1, 1_000),
  "log-level": {
    expected: `one of ${levels.join(", ")}`,
    coerce: (text) => text.trim().toUpperCase(),
    accepts: (value) => levels.includes(String(value)),
    schema: { enum: levels },
  },
  "limit-by": wordOf(limitBys),
  "trusted-callers": wordOf(["everyone", "proxies", "nobody"]),
  "screening-mode": wordOf(screeningModes),
  "url-list": {
    expected: "http:// or https:// URLs without credentials, query or fragment, separated by commas",
    coerce: toList,
    accepts: isListOf(isHttpUrl, 1),
    schema: listSchema,
  },
  "redis-url": {
    expected: "in the form redis://:password@host:6379/0, a redis:// or rediss:// URL",
    coerce: (text) => text.trim(),
    accepts: (value) => value === "" || (typeof value === "string" && isRedisUrl(value)),
    schema: { type: "string", pattern: "^(rediss?://.*)?$" },
  },
  "webhook-url": {
    expected: "an http:// or https:// URL without user and password",
    coerce: (text) => text.trim(),
    accepts: (value) => value === "" || (typeof value === "string" && isWebhookUrl(value)),
    schema: { type: "string", pattern: "^(https?://[^\\s@]+)?$" },
  },
  "origin-list": {
    expected: "`*`, or origins without a path such as https://app.example or https://*.app.example, separated by commas",
    coerce: toList,
    accepts: isListOf((origin) => isOrigin(origin) || isOriginPattern(origin), 1),
    schema: listSchema,
  },
  "status-list": {
    expected: "statuses from 400 to 599, separated by commas",
    coerce: (text) => text.split(",").flatMap((entry) => (entry.trim() === "" ? [] : [toInteger(entry)])),
    accepts: (value) => Array.isArray(value) && value.every((status) => integerIn(400, 599).accepts(status)),
    schema: {
      oneOf: [{ type: "array", items: integerIn(400, 599).schema }, { type: "string", pattern: "^[\\d, ]*$" }, { type: "integer" }],
    },
  },
  list: { expected: "a list, separated by commas", coerce: toList, accepts: isListOf(() => true, 0), schema: listSchema },
  "carrier-list": {
    expected: `one or more of ${carrierNames.join(", ")}, separated by commas`,
    coerce: toList,
    accepts: isListOf((name) => carrierNames.includes(name.toLowerCase()), 1),
    schema: listSchema,
  },
  tiers: structured(tierSchema, "name"),
  budgets: structured(budgetsSchema, "name"),
  prices: structured(pricesSchema, "model"),
  currency: {
    expected: "three capital letters such as EUR",
    coerce: (text) => text.trim(),
    accepts: (value) => typeof value === "string" && /^([A-Z]{3})?$/.test(value),
    schema: { type: "string", pattern: "^([A-Z]{3})?$" },
  },
  "budget-end": wordOf(["cut", "finish"]),
  "audit-failure": wordOf(["refuse", "continue"]),
  "unknown-model": wordOf(["refuse", "free"]),
  "via-name": {
    expected: "letters, digits and `-_.`, or nothing for `aivillage` with a random suffix",
    coerce: (text) => text.trim(),
    accepts: (value) => typeof value === "string" && /^[\w.-]{0,64}$/.test(value),
    schema: { type: "string", pattern: "^[\\w.-]{0,64}$" },
  },
  routes: structured(routeSchema, "path"),
  exclusions: structured(exclusionsSchema, "rule"),
  "service-health": structured(serviceHealthSchema, "name"),
  "upstream-concurrency": structured(upstreamConcurrencySchema, "url"),
  targets: structured(targetsSchema, "service"),
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** Convict only merges: `check-config.ts` validates, so that it can report every error at once, with its remedy and without secrets. */
const validate = (): void => undefined;
convict.addFormats(Object.fromEntries(Object.entries<Format>(formats).map(([name, { coerce }]) => [name, { coerce, validate }])));
