import type { IncomingMessage, ServerResponse } from "node:http";

import { isPlainObject, option, readOptions, returns } from "@aivillage/middleware";

import { type AccessLogLine, levelOf } from "./line.ts";
import type { SampleOptions } from "./sampler.ts";

/** What `accessLog()` needs of a logger. Loggers of pino and bunyan have it. */
export interface AccessLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Where it is there, as in pino, lines of a level that is switched off are not even made. */
  isLevelEnabled?(level: string): boolean;
}

type Resolver = (req: IncomingMessage) => string | undefined;

/** Options of `accessLog()`. Resolvers are asked when the request has ended. */
export interface AccessLogOptions {
  /** Gets the lines. Default: `createLogger()`, JSON on standard output. */
  logger?: AccessLogger;
  /** Gives the field `request_id`. Default: none. */
  requestId?: Resolver;
  /** Gives the field `trace_id`. Default: none. */
  traceId?: Resolver;
  /** Gives the field `client_ip`. Default: none. */
  clientIp?: Resolver;
  /** Gives the field `route`, the template that matched, such as `/users/:id`. Default: none. */
  route?: Resolver;
  /** Gives further fields. Those of the line itself, `level`, `time` and `msg` cannot be replaced. Default: none. */
  fields?: (req: IncomingMessage, res: ServerResponse) => Readonly<Record<string, unknown>>;
  /**
   * Chooses the level of a line. Default: `error` from 500, `warn` for 401, 403, 429 and for a response that this side has
   * broken off, else `info`.
   */
  level?: (line: Readonly<AccessLogLine>) => "info" | "warn" | "error";
  /** Requests for which it returns `true` are not logged, such as probes of health. Asked when they come. Default: none. */
  skip?: (req: IncomingMessage) => boolean;
  /**
   * Thins out floods of lines with the same route, status and outcome. Of a second's lines of one kind the first `perSecond` are
   * written, of the others every `every`-th, which says so in `sampled`; a line `requests not logged` counts the rest, within a
   * second, in `suppressed`. Default: every line is written.
   */
  sample?: SampleOptions;
}

const sampleRules = { perSecond: option.integer(100, { min: 1 }), every: option.integer(100, { min: 2 }) };

export const packageName = "@aivillage/access-log";

export function readAccessLogOptions(given: AccessLogOptions | undefined) {
  const options = readOptions(packageName, given, {
    logger: option.custom<AccessLogger | undefined>("an object with the functions info, warn and error", undefined, isLogger),
    requestId: option.function<Resolver>(undefined, returns.optionalString),
    traceId: option.function<Resolver>(undefined, returns.optionalString),
    clientIp: option.function<Resolver>(undefined, returns.optionalString),
    route: option.function<Resolver>(undefined, returns.optionalString),
    fields: option.function<NonNullable<AccessLogOptions["fields"]>>(undefined),
    level: option.function<NonNullable<AccessLogOptions["level"]>>(levelOf),
    skip: option.function<NonNullable<AccessLogOptions["skip"]>>(undefined, returns.boolean),
    sample: option.custom<SampleOptions | undefined>("an object", undefined, isPlainObject),
  });
  const { sample } = options;
  return {
    ...options,
    sample: sample && readOptions<SampleOptions, typeof sampleRules>(packageName, sample, sampleRules, "sample"),
  };
}

function isLogger(value: unknown): boolean {
  const methods = Object(value) as Record<string, unknown>;
  return ["info", "warn", "error"].every((name) => typeof methods[name] === "function");
}
