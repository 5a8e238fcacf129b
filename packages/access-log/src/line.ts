import type { IncomingMessage } from "node:http";

import { requestPath } from "@aivillage/middleware";

/** The fields of a line, in their order. No header, no query string, no body is among them. */
export interface AccessLogLine {
  request_id: string | undefined;
  trace_id: string | undefined;
  method: string;
  /** As the client sent it, without the query string; control characters are percent-encoded. */
  path: string;
  route: string | undefined;
  /**
   * The status sent; 499 when the client disconnected before the response was complete, 502 or 504 when an upstream service failed after the
   * head was sent, 500 when this side closed the connection before it had sent a status.
   */
  status: number;
  /** Milliseconds from the middleware to the end of the request, to three decimals. */
  duration_ms: number;
  /** Bytes that came on the connection since the request before: head, framing and body. Left out where a connection counts nothing, as with HTTP/2. */
  request_bytes: number | undefined;
  /** Bytes of the whole response that were handed to the connection: head, framing and body. Left out likewise. */
  response_bytes: number | undefined;
  client_ip: string | undefined;
  /** `completed` when the whole response was handed to the connection, `incomplete` when an upstream service failed before that, else `aborted`. */
  outcome: "completed" | "aborted" | "incomplete";
  /** The options whose functions have thrown, so that what they give is missing; absent when none has. */
  failed_options?: string[];
  /** How many requests of the same kind this line stands for, itself included; absent where it stands for itself. */
  sampled?: number;
}

/** A line of which only the request is known. Its path is still raw, because most lines may never be written: see `visiblePath()`. */
export function startLine(req: IncomingMessage): AccessLogLine {
  return {
    request_id: undefined,
    trace_id: undefined,
    method: req.method ?? "",
    path: requestPath(req),
    route: undefined,
    status: 0,
    duration_ms: 0,
    request_bytes: 0,
    response_bytes: 0,
    client_ip: undefined,
    outcome: "aborted",
  };
}

/** A client may abort a response; a response that we aborted is worth a look. */
export function levelOf({ status, outcome }: Readonly<AccessLogLine>): "info" | "warn" | "error" {
  if (status >= 500) return "error";
  if (status === 401 || status === 403 || status === 429) return "warn";
  return outcome === "aborted" && status !== 499 ? "warn" : "info";
}

const reserved: ReadonlySet<string> = new Set(["level", "time", "msg"]);

/** Adds fields to a line; a field that the line has already stays. */
export function addFields(line: AccessLogLine, fields: Readonly<Record<string, unknown>>): void {
  const target = line as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (target[name] === undefined && !reserved.has(name)) target[name] = value;
  }
}

// oxlint-disable-next-line no-control-regex -- these are the characters that must not reach a log of any kind
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A later handler may have put a decoded path into `req.url`; a logger that writes text must not break its line at it. */
export function visiblePath(path: string): string {
  return path.replace(controls, encodeURIComponent);
}
