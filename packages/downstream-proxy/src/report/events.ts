import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { BreakerState } from "../failures/breaker.ts";

/**
 * How an attempt ended.
 *
 * `success`: below 400. `client_error`: 4xx. `server_error`: 5xx. `connect_error`: no connection was made. `timeout`: connected,
 * but the response or its next byte did not arrive in time. `reset`: the connection broke, or the response was not valid HTTP.
 * `cancelled`: the client left, the request body failed, a stream lasted longer than `maxStreamMs`, an upgraded connection was silent for
 * `upgradeIdleTimeoutMs`, or the proxy was closed. `refused`: not sent at all, because the breaker was open or the queue full.
 */
export type AttemptOutcome = "success" | "client_error" | "server_error" | "connect_error" | "timeout" | "reset" | "cancelled" | "refused";

/** One attempt to get a response from a target has ended. A request makes one or more. */
export interface DownstreamAttempted {
  req: IncomingMessage;
  /** Name of the target. */
  target: string;
  /** Replica that was chosen; `undefined` if the breaker refused. Internal: for logs, not for clients. */
  origin: string | undefined;
  /** 1 for the first attempt of a request, and so on. */
  attempt: number;
  outcome: AttemptOutcome;
  /**
   * Why there is no complete response: the code of the error, such as `ECONNREFUSED`, `ENOTFOUND` or `CERT_HAS_EXPIRED`, or a sentence where
   * there is none; `undefined` if the attempt ended otherwise. Internal: for logs, not for clients.
   */
  reason: string | undefined;
  /** Status of the target's response; `undefined` if there was none. */
  status: number | undefined;
  /** Version of HTTP in which the target has responded; `undefined` if it has not. */
  protocolVersion: "1.1" | "2" | undefined;
  /** When it began, in milliseconds since 1970, with fractions. */
  startedAt: number;
  /** The value of the option `traceparent` that was sent to the target; its parent id identifies this attempt. */
  traceparent: string | undefined;
  /** Wait for a slot among the connections, in milliseconds. */
  queuedMs: number;
  /** Time to make the connection, in milliseconds; `undefined` if one was reused, or none was made. */
  connectMs: number | undefined;
  /** From the choice of the replica to the head of the response, in milliseconds; `undefined` if there was none. */
  firstByteMs: number | undefined;
  /** From the choice of the replica to the last byte, in milliseconds. */
  durationMs: number;
  /** Bytes of the response body received from the target, or from an upgraded connection. */
  bytes: number;
  /** Bytes of the request body sent to the target, or to an upgraded connection. */
  bytesSent: number;
}

/** A target has switched protocols, such as to WebSocket. When the connection ends, `DownstreamAttempted` follows with the status 101. */
export interface DownstreamUpgraded {
  req: IncomingMessage;
  /** Name of the target. */
  target: string;
}

/** The circuit breaker of a target changed its state. */
export interface BreakerChanged {
  /** The request whose attempt caused the change. */
  req: IncomingMessage;
  target: string;
  from: BreakerState;
  to: BreakerState;
}

/** A replica of a target was ejected for a while after failures, or has responded again. */
export interface ReplicaChanged {
  /** The request whose attempt caused the change. */
  req: IncomingMessage;
  target: string;
  /** Internal: for logs, not for clients. */
  origin: string;
  to: "ejected" | "returned";
  /** For how long it is ejected, in milliseconds; `undefined` if it has returned. */
  ejectedMs: number | undefined;
}

/** A request was refused because its client has too many requests and streams in progress. */
export interface ConcurrencyExceeded {
  req: IncomingMessage;
  /** Name of the first target, which the request would have been sent to. */
  target: string;
  /** The principal as the option `principal` names it, otherwise the client as `client` names it, or its address. */
  client: string;
  /** Requests and streams of the client in progress. */
  count: number;
  /** `maxConcurrentPerClient`; the share can be smaller while connections are scarce. */
  limit: number;
}

/** An attempt has ended: for metrics and logs. */
export const downstreamAttempted = event<DownstreamAttempted>("aivillage:downstream-proxy:attempted");

/** A connection has switched protocols: with `downstreamAttempted` for the number of open ones. */
export const downstreamUpgraded = event<DownstreamUpgraded>("aivillage:downstream-proxy:upgraded");

/** A breaker opened, half-opened or closed. */
export const breakerChanged = event<BreakerChanged>("aivillage:downstream-proxy:breaker-changed");

/** A replica was ejected or has returned. */
export const replicaChanged = event<ReplicaChanged>("aivillage:downstream-proxy:replica-changed");

/** A client requested more at once than its share. */
export const concurrencyExceeded = event<ConcurrencyExceeded>("aivillage:downstream-proxy:concurrency-exceeded");
