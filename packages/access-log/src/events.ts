import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** Something that the access log was given has thrown. The request went on as if nothing had happened. */
export interface AccessLogFailed {
  req: IncomingMessage;
  /** The option; with `logger` the line is lost, with the others only what they would have given. */
  option: "logger" | "requestId" | "traceId" | "clientIp" | "route" | "fields" | "level" | "skip";
  error: unknown;
}

/** Published when an option or the logger has thrown; the request goes on. */
export const accessLogFailed = event<AccessLogFailed>("aivillage:access-log:failed");

/** Lines were dropped because standard output took none: its reader stalled or is gone, or the disk was full. */
export interface LogLinesLost {
  /** How many, since the last such message. */
  lines: number;
}

/** Published when standard output takes lines again; without a reader, at once. */
export const logLinesLost = event<LogLinesLost>("aivillage:access-log:lines-lost");

/** An audit log can no longer be written, or can be again. */
export interface AuditAvailabilityChanged {
  path: string;
  available: boolean;
  /** Why it cannot be written; none when it can be again. */
  error: Error | undefined;
  /** Records that were lost meanwhile, because too many waited. The log has a line that counts them. */
  lost: number;
}

/** Published when an audit log can no longer be written, and when it can be again. */
export const auditAvailabilityChanged = event<AuditAvailabilityChanged>("aivillage:access-log:audit-availability-changed");
