import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { documentedTypes, isHeaders, isPlainObject, isTypeUri, option, OptionError, readOptions, returns } from "@aivillage/middleware";

import { headerMatcher } from "../fields/header-patterns.ts";
import { hopByHop } from "../fields/hop-by-hop.ts";
import { ownedRequestHeaders } from "../fields/owned-headers.ts";
import { withheldUnless } from "../fields/response-policy.ts";
import type { PathExchange, RewrittenCookies } from "../fields/rewrite-headers.ts";
import type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./failure-options.ts";
import { httpProxyOptions } from "./http-proxy-options.ts";
import type { AttemptBeginning, FallbackReason, MergeOutcome, ReplacedBody } from "./option-values.ts";
import type { DownstreamProxyOptions } from "./options.ts";
import { packageName } from "./package-name.ts";
import { readHeaderNames } from "./read-header-names.ts";
import {
  maxTimerMs,
  readBreaker,
  readEjection,
  readFailureWindow,
  readPathExchange,
  readRetries,
  readRewrittenCookies,
  switchable,
} from "./read-nested-options.ts";
import { readTargets } from "./read-targets.ts";
import type { FilteredHead, ResponseFilter } from "./response-filter.ts";
import { returned } from "./returned.ts";
import { readSessionCookie, type SessionCookieOptions } from "./session-cookie-options.ts";
import type { TargetOptions } from "./target-options.ts";

/** The checked options with their defaults. */
export type Settings = ReturnType<typeof readDownstreamProxyOptions>;

const fallbackReasons: readonly FallbackReason[] = ["connect_error", "refused", "reset", "timeout", "server_error"];

const milliseconds = (fallback: number, min = 1) => option.integer(fallback, { min, max: maxTimerMs });

const headerList = () => option.custom<readonly string[]>("an array of header names", [], Array.isArray);

const token = /^[\w!#$%&'*+.^`|~-]+$/;

export function readDownstreamProxyOptions(given: DownstreamProxyOptions) {
  const rules = {
    target: option.custom<string | undefined>("an http: or https: URL", undefined, (value) => typeof value === "string"),
    targets: option.custom<readonly TargetOptions[] | undefined>("a non-empty array of targets", undefined, isFilledArray),
    connections: option.integer(128, { min: 1 }),
    maxConnectionAgeMs: milliseconds(60_000, 0),
    maxRequestsPerConnection: option.integer(0),
    keepAliveMs: milliseconds(1_500),
    maxHeaderBytes: option.integer(16_384, { min: 1_024, max: 1_048_576 }),
    affinity: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    sessionCookie: option.custom<SessionCookieOptions | undefined>("an object", undefined, isPlainObject),
    maxConcurrentPerClient: option.integer(0),
    maxQueued: option.integer(1024),
    connectTimeoutMs: milliseconds(5_000),
    headersTimeoutMs: milliseconds(30_000),
    firstEventTimeoutMs: milliseconds(0, 0),
    filter: option.function<(req: IncomingMessage, head: FilteredHead) => ResponseFilter | undefined>(undefined, returns.optionalObject),
    responseTimeoutMs: milliseconds(0, 0),
    maxStreamMs: milliseconds(0, 0),
    idleTimeoutMs: milliseconds(30_000),
    stallTimeoutMs: milliseconds(120_000),
    totalTimeoutMs: milliseconds(0, 0),
    fallbackOn: option.custom(
      `an array of ${fallbackReasons.map((reason) => `"${reason}"`).join(", ")}`,
      fallbackReasons,
      (value) => Array.isArray(value) && value.every((entry) => fallbackReasons.some((reason) => reason === entry)),
    ),
    failOverStatuses: option.custom<readonly number[]>("an array of statuses from 400 to 599", [], isListOfErrors),
    maxBodyBytes: option.integer(0),
    replayBodyBytes: option.integer(262_144),
    path: option.function<(req: IncomingMessage) => string>(undefined, returned.path),
    body: option.function<(req: IncomingMessage) => ReplacedBody | undefined>(undefined, returned.body),
    headers: option.function<(req: IncomingMessage) => Readonly<Record<string, string | undefined>>>(undefined, returned.headers),
    traceparent: option.function<(req: IncomingMessage, attempt: AttemptBeginning) => string | undefined>(
      undefined,
      returns.optionalString,
    ),
    isFromTrustedProxy: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
    sendForwarded: option.boolean(true),
    forwardedHeader: option.oneOf(["X-Forwarded-For", "Forwarded"], "X-Forwarded-For"),
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    forwardAuthorization: option.boolean(false),
    forwardCookies: option.boolean(false),
    forwardHeaders: headerList(),
    forwardTrustedHeaders: headerList(),
    forwardUnlisted: option.boolean(true),
    passResponseHeaders: headerList(),
    withholdResponseHeaders: headerList(),
    overridableResponseHeaders: headerList(),
    forwardNonstandardHeaders: option.boolean(false),
    mergeJson: option.function<(req: IncomingMessage, outcome: MergeOutcome) => Readonly<Record<string, unknown>>>(
      undefined,
      returns.optionalObject,
    ),
    mergeJsonBytes: option.integer(1_048_576, { min: 1 }),
    retryAfterMs: milliseconds(5_000),
    failureStatuses: option.custom<readonly number[]>("an array of statuses from 400 to 599", [], isListOfErrors),
    failureWindow: option.custom<FailureWindowOptions>("an object", {}, isPlainObject),
    client: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    principal: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    breaker: switchable<BreakerOptions>(),
    ejection: switchable<EjectionOptions>(),
    retries: switchable<RetryOptions>(),
    heartbeatMs: milliseconds(0, 0),
    serverTiming: option.boolean(false),
    upgrades: option.custom<readonly string[]>(
      "an array of protocol names, such as `websocket`",
      ["websocket"],
      (value) => Array.isArray(value) && value.every(isToken),
    ),
    problemTypeUri: option.custom("a URI that contains {slug} once, without spaces", documentedTypes, isTypeUri),
    refusalHeaders: option.custom<Readonly<Record<string, string>>>("an object of header names and valid values", {}, isHeaders),
    upgradeIdleTimeoutMs: milliseconds(300_000),
    rewriteLocation: option.custom<boolean | PathExchange>(
      "true, false or an object",
      true,
      (value) => typeof value === "boolean" || isPlainObject(value),
    ),
    rewriteCookies: option.custom<RewrittenCookies | undefined>("an object", undefined, isPlainObject),
    viaName: option.custom<string | undefined>("a token (RFC 9110, 5.6.2)", undefined, isToken),
  };
  const options = readOptions<DownstreamProxyOptions, typeof rules>(packageName, given, rules, "", httpProxyOptions);
  const { target, targets, failureWindow, viaName, rewriteCookies, ...others } = options;
  const { passResponseHeaders, withholdResponseHeaders, overridableResponseHeaders, ...rest } = others;
  if (options.affinity !== undefined && options.sessionCookie !== undefined) {
    const reason = "options `affinity` and `sessionCookie` exclude each other; give one of them";
    throw new OptionError({ packageName, option: "sessionCookie", expected: "given without `affinity`", reason });
  }
  const window = readFailureWindow(failureWindow);
  const retries = readRetries(options.retries);
  const failOverStatuses = new Set(options.failOverStatuses);
  return {
    ...rest,
    forwardHeaders: readHeaderNames("forwardHeaders", options.forwardHeaders, ownedRequestHeaders),
    forwardTrustedHeaders: readHeaderNames("forwardTrustedHeaders", options.forwardTrustedHeaders, ownedRequestHeaders),
    isWithheld: withheldUnless(
      readHeaderNames("passResponseHeaders", passResponseHeaders, hopByHop),
      readHeaderNames("withholdResponseHeaders", withholdResponseHeaders, hopByHop),
    ),
    isOverridable: headerMatcher(readHeaderNames("overridableResponseHeaders", overridableResponseHeaders, hopByHop)),
    rewriteLocation: readPathExchange(options.rewriteLocation),
    rewriteCookies: rewriteCookies === undefined ? undefined : readRewrittenCookies(rewriteCookies),
    viaName: viaName ?? "aivillage",
    requestViaName: viaName ?? `aivillage-${randomBytes(4).toString("hex")}`,
    targets: readTargets(target, targets),
    sessionCookie: readSessionCookie(options.sessionCookie),
    breaker: readBreaker(options.breaker, window),
    ejection: readEjection(options.ejection, window),
    retries,
    failOverStatuses,
    /** Whether a response with this status may lead to another attempt. */
    mayContinueAfter: (status: number) => status >= 500 || failOverStatuses.has(status) || retries.retryOn.has(status),
    failureStatuses: new Set(options.failureStatuses),
    upgrades: new Set(options.upgrades.map((name) => name.toLowerCase())),
    fallbackOn: new Set<string>(options.fallbackOn),
  };
}

function isToken(value: unknown): boolean {
  return typeof value === "string" && token.test(value);
}

function isListOfErrors(value: unknown): boolean {
  return Array.isArray(value) && value.every((status) => Number.isInteger(status) && status >= 400 && status <= 599);
}

function isFilledArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
