import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions } from "@aivillage/middleware";

import type { BreakerOptions, DownstreamProxyOptions, FallbackReason, MergeOutcome, ReplacedBody, Target } from "./options.ts";
import { packageName, readTargets } from "./read-targets.ts";

/** The options in their final form. */
export type Settings = ReturnType<typeof readDownstreamProxyOptions>;

const fallbackReasons: readonly FallbackReason[] = ["connect_error", "refused", "reset", "timeout", "server_error"];

/** The longest delay of a Node timer. */
const maxTimerMs = 2_147_483_647;
const milliseconds = (fallback: number, min = 1) => option.integer(fallback, { min, max: maxTimerMs });

const token = /^[\w!#$%&'*+.^`|~-]+$/;

export function readDownstreamProxyOptions(given: DownstreamProxyOptions) {
  const options = readOptions(packageName, given, {
    target: option.custom<string | undefined>("an http: or https: URL", undefined, (value) => typeof value === "string"),
    targets: option.custom<readonly Target[] | undefined>("a non-empty array of targets", undefined, isFilledArray),
    connections: option.integer(128, { min: 1 }),
    maxQueued: option.integer(1024),
    connectTimeoutMs: milliseconds(5_000),
    headersTimeoutMs: milliseconds(30_000),
    idleTimeoutMs: milliseconds(30_000),
    stallTimeoutMs: milliseconds(120_000),
    totalTimeoutMs: milliseconds(0, 0),
    fallbackOn: option.custom(
      `an array of ${fallbackReasons.map((reason) => `"${reason}"`).join(", ")}`,
      fallbackReasons,
      (value) => Array.isArray(value) && value.every((entry) => fallbackReasons.some((reason) => reason === entry)),
    ),
    replayBodyBytes: option.integer(262_144),
    body: option.function<(req: IncomingMessage) => ReplacedBody | undefined>(undefined),
    headers: option.function<(req: IncomingMessage) => Readonly<Record<string, string | undefined>>>(undefined),
    trustForwarded: option.function<(req: IncomingMessage) => boolean>(undefined),
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    forwardAuthorization: option.boolean(false),
    forwardCookies: option.boolean(false),
    mergeJson: option.function<(req: IncomingMessage, outcome: MergeOutcome) => Readonly<Record<string, unknown>>>(undefined),
    mergeJsonBytes: option.integer(1_048_576, { min: 1 }),
    retryAfterMs: milliseconds(5_000),
    breaker: option.custom<BreakerOptions | false>("false or an object", {}, (value) => value === false || isObject(value)),
    viaName: option.custom("a token (RFC 9110, 5.6.2)", "aivillage", (value) => typeof value === "string" && token.test(value)),
  });
  const { target, targets, ...rest } = options;
  return {
    ...rest,
    targets: readTargets(target, targets),
    breaker: readBreaker(options.breaker),
    fallbackOn: new Set<string>(options.fallbackOn),
  };
}

function readBreaker(given: BreakerOptions | false): Required<BreakerOptions> {
  if (given === false) return { failures: Infinity, openMs: 0 };
  const unknownName = Object.keys(given).find((name) => name !== "failures" && name !== "openMs");
  if (unknownName !== undefined) {
    throw new TypeError(`${packageName}: unknown option \`breaker.${unknownName}\`; known options: failures, openMs`);
  }
  return { failures: positive("breaker.failures", given.failures, 5), openMs: positive("breaker.openMs", given.openMs, 5_000) };
}

function positive(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || Number(value) < 1) throw optionError(packageName, name, "an integer, at least 1", value);
  return Number(value);
}

function isFilledArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
