import type { IncomingMessage, ServerResponse } from "node:http";
import { isPromise } from "node:util/types";

import { type AccessLogFailed, accessLogFailed } from "./events.ts";
import { type AccessLogLine, addFields, levelOf, startLine, visiblePath } from "./line.ts";
import { type AccessLogger, type readAccessLogOptions } from "./options.ts";
import type { ResponseEnd } from "./response-end.ts";
import { Sampler, type Suppressed } from "./sampler.ts";

type Settings = Omit<ReturnType<typeof readAccessLogOptions>, "logger">;

const messages = { completed: "request completed", aborted: "request aborted", incomplete: "response incomplete" } as const;

/** Makes the two halves of a line. Neither throws: what an option throws costs what it would have given, not the request. */
export function makeWriter(settings: Settings, logger: AccessLogger) {
  const { requestId, traceId, clientIp, route, fields, skip, level, sample } = settings;
  const sampler = sample === undefined ? undefined : new Sampler(sample, summarize);

  /** The line of a request that has come; `undefined` when it is to be skipped. */
  function start(req: IncomingMessage): AccessLogLine | undefined {
    const line = startLine(req);
    return ask("skip", skip, line, req) === true ? undefined : line;
  }

  function write(line: AccessLogLine, end: ResponseEnd, req: IncomingMessage, res: ServerResponse): void {
    line.status = end.status;
    line.outcome = end.outcome;
    if (isSwitchedOff(line)) return;
    line.route = ask("route", route, line, req);
    if (sampler?.admits(line) === false) return;
    line.path = visiblePath(line.path);
    line.duration_ms = Math.round(end.durationMs * 1_000) / 1_000;
    line.request_bytes = end.requestBytes;
    line.response_bytes = end.responseBytes;
    line.request_id = ask("requestId", requestId, line, req);
    line.trace_id = ask("traceId", traceId, line, req);
    line.client_ip = ask("clientIp", clientIp, line, req);
    if (fields !== undefined) add(line, req, res);
    send(line, chooseLevel(line, req), req);
  }

  /** A level that the user chooses may depend on the whole line; the usual one is known from status and outcome. */
  function isSwitchedOff(line: AccessLogLine): boolean {
    return level === levelOf && logger.isLevelEnabled?.(levelOf(line)) === false;
  }

  function add(line: AccessLogLine, req: IncomingMessage, res: ServerResponse): void {
    try {
      addFields(line, fields?.(req, res) ?? {});
    } catch (error) {
      fail("fields", error, line, req);
    }
  }

  function chooseLevel(line: AccessLogLine, req: IncomingMessage): "info" | "warn" | "error" {
    try {
      const chosen: unknown = level(line);
      if (chosen === "info" || chosen === "warn" || chosen === "error") return chosen;
      throw new TypeError(`level() must return "info", "warn" or "error", got ${String(chosen)}`);
    } catch (error) {
      fail("level", error, line, req);
      return "info";
    }
  }

  function send(line: AccessLogLine, chosen: "info" | "warn" | "error", req: IncomingMessage): void {
    const failed = (error: unknown): void => fail("logger", error, line, req);
    try {
      catchLater(logger[chosen](line, messages[line.outcome]), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** There is no request to blame when a logger throws here. */
  function summarize({ kind, suppressed }: Suppressed): void {
    try {
      catchLater(logger.warn({ ...kind, suppressed }, "requests not logged"), () => undefined);
    } catch {
      return;
    }
  }

  return { start, write, close: () => sampler?.flush() };
}

/** A logger may be `async`: what it rejects with must not end the process. */
function catchLater(returned: unknown, failed: (error: unknown) => void): void {
  if (returned !== undefined && isPromise(returned)) returned.catch(failed);
}

type Option = AccessLogFailed["option"];

function ask<T>(option: Option, resolve: ((req: IncomingMessage) => T) | undefined, line: AccessLogLine, req: IncomingMessage) {
  try {
    return resolve?.(req);
  } catch (error) {
    fail(option, error, line, req);
    return undefined;
  }
}

function fail(option: Option, error: unknown, line: AccessLogLine, req: IncomingMessage): void {
  line.failed_options = [...(line.failed_options ?? []), option];
  if (accessLogFailed.hasSubscribers) accessLogFailed.publish({ req, option, error });
}
