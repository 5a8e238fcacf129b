import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

import type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./failure-options.ts";

/** A service behind the proxy. */
export interface Target {
  /** Names it in events, metrics and problem details, such as `agent_controller`. Clients may see it. */
  name: string;
  /** Its origin, `http:` or `https:`, with an optional base path; a list gives replicas that are equals. */
  url: string | readonly string[];
  /** Fixed path (and query) below the base path. Default: the path and query of the request. */
  path?: string;
}

/** A failure that can send a request on to the next target; the names are those of `AttemptOutcome`. */
export type FallbackReason = "connect_error" | "refused" | "reset" | "timeout" | "server_error";

/** A body that is sent instead of the client's. */
export interface ReplacedBody {
  contentType: string;
  /** A `Readable` is consumed once; destroyed with an error it ends the request with that error. */
  body: Buffer | string | Readable;
  /**
   * Called with a piece of a `Readable` when the operating system has its bytes and nobody here looks at it again, so that whoever made
   * it can free or reuse its memory. Not every piece comes back: not those that may have to be sent again, nor those that were cut off.
   */
  release?: ((piece: Buffer) => void) | undefined;
}

/** What `mergeJson` learns about the answer. */
export interface MergeOutcome {
  /** Name of the target that answered. */
  target: string;
  /** From the start of the request to the end of the answer, all attempts together, in milliseconds. */
  durationMs: number;
}

/** What `traceparent` learns about the attempt that is about to be made. */
export interface AttemptBeginning {
  /** Name of the target. */
  target: string;
  /** Scheme, host and port of the replica. Internal. */
  origin: string;
  /** Path at the replica, without the query. */
  path: string;
  /** 1 for the first attempt of a request, and so on. */
  attempt: number;
}

/** Options of `downstreamProxy()`. Either `target` or `targets` is required. */
export interface DownstreamProxyOptions {
  /** Short form for one target, named `downstream`, without replicas and with the path of the request. */
  target?: string;
  /** The targets in the order in which they are tried; the second and later are fallbacks. */
  targets?: readonly Target[];
  /** Connections to each origin, at most. Default 128. */
  connections?: number;
  /**
   * Requests and streams that one client may have in progress at once; one more is a 429. The share shrinks as connections get scarce:
   * up to half of them, a client can never have more than are free, so that one is left for every other client. A number as large as
   * `connections` or larger is an absolute limit. Default 0: no limit.
   */
  maxConcurrentPerClient?: number;
  /** Requests that wait for a connection to each origin, at most; one more is answered 503. Default 1,024. */
  maxQueued?: number;
  /** Longest wait for a place in `connections`, and again for the connection, in milliseconds. Default 5,000. */
  connectTimeoutMs?: number;
  /**
   * Longest wait for the head of the final response after the request was sent, in milliseconds. Informational responses do not extend
   * it. Default 30,000.
   */
  headersTimeoutMs?: number;
  /**
   * Longest time from when the request was sent until the last byte of the response, in milliseconds. It stands still while the client
   * does not keep up, and does not apply to streams: server-sent events, newline-delimited JSON, gRPC and the like, by their content
   * type. Default 0: no limit.
   */
  responseTimeoutMs?: number;
  /** Longest time that a stream or an upgraded connection may last, in milliseconds; then it is cut. Default 0: no limit. */
  maxStreamMs?: number;
  /** Longest silence of the target inside the body of the answer, server-sent events included, in milliseconds. Default 30,000. */
  idleTimeoutMs?: number;
  /** Longest time that the client may take nothing of an answer that waits for it, in milliseconds. Default 120,000. */
  stallTimeoutMs?: number;
  /** Longest time for everything, all attempts together, in milliseconds; never cuts a stream. Default 0: no limit. */
  totalTimeoutMs?: number;
  /** Failures after which the next target is tried. Default: all five. A 4xx is an answer and is never one of them. */
  fallbackOn?: readonly FallbackReason[];
  /** How much of a streamed request body is kept to send it again, in bytes. Default 262,144. */
  replayBodyBytes?: number;
  /**
   * Path and query for the targets without a fixed one, below their base path; it must begin with one slash. Default: those of the
   * request.
   */
  path?: (req: IncomingMessage) => string;
  /** Replaces the request body; `undefined` sends the client's. Default: the client's. */
  body?: (req: IncomingMessage) => ReplacedBody | undefined;
  /** Request headers to add. They win over the client's, and `undefined` removes the client's. Default: none. */
  headers?: (req: IncomingMessage) => Readonly<Record<string, string | undefined>>;
  /**
   * `traceparent` of one attempt (W3C Trace Context), with a parent id of its own for a span of its own; told in `downstreamAttempted`.
   * Wins over `headers` and the client's; `undefined` leaves them. Default: none.
   */
  traceparent?: (req: IncomingMessage, attempt: AttemptBeginning) => string | undefined;
  /** True when the peer is a proxy whose report in `forwardedHeader` is believed. Default: never. */
  trustForwarded?: (req: IncomingMessage) => boolean;
  /**
   * Where trusted peers report the client: `X-Forwarded-For` with `-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other one is
   * ignored, because such peers may let the client's through. Default `X-Forwarded-For`.
   */
  forwardedHeader?: "X-Forwarded-For" | "Forwarded";
  /** Address of the client for `X-Forwarded-For` and `Forwarded`. Default: the address of the socket. */
  clientIp?: (req: IncomingMessage) => string | undefined;
  /** Sends the client's `Authorization` on. Default false: credentials for this server stay here. */
  forwardAuthorization?: boolean;
  /** Sends the client's `Cookie` on. Default false, for the same reason. */
  forwardCookies?: boolean;
  /**
   * Client headers to forward although they are in `requestClaims`, such as `X-Tenant-Id`, or `X-Auth-Request-*` for all that begin so.
   * Every client can send them, so the target must not take them for verified. Default: none.
   */
  forwardHeaders?: readonly string[];
  /** The same, but forwarded only from peers that `trustForwarded` accepts, such as a front end that authenticates. Default: none. */
  forwardTrustedHeaders?: readonly string[];
  /** Forwards client headers that neither list names and that are not in `requestClaims`. Default true; false makes the lists an allow-list. */
  forwardUnlisted?: boolean;
  /**
   * Response headers of the target to pass on although they are in `withheldHeaders`, such as `Access-Control-*` of a target that decides
   * by itself which origins may read it. Default: none.
   */
  passResponseHeaders?: readonly string[];
  /**
   * Sends on fields of the client whose name has something else than letters, digits and `-`, such as `user_id`. Not those that a
   * service could take for a field that is written, replaced or removed here. Default false: services behind CGI or WSGI cannot tell
   * `X_User` from `X-User`.
   */
  forwardOddNames?: boolean;
  /** Members to add to an answer that is a JSON object. Default: the answer passes through untouched. */
  mergeJson?: (req: IncomingMessage, outcome: MergeOutcome) => Readonly<Record<string, unknown>>;
  /** Largest answer that `mergeJson` holds in memory, in bytes; a larger one passes through untouched. Default 1,048,576. */
  mergeJsonBytes?: number;
  /** Sent as `Retry-After` of a 429 or 503, in milliseconds, rounded up to seconds. Default 5,000. */
  retryAfterMs?: number;
  /**
   * Statuses from 400 to 599 that count as a failure of the target. Default none: a response shows that the target works, and a client
   * can often choose its status.
   */
  failureStatuses?: readonly number[];
  /** When the failures of a target or replica are too many. */
  failureWindow?: FailureWindowOptions;
  /**
   * Names the client of a request, so that no client alone can open the breaker, eject a replica or exceed `maxConcurrentPerClient`.
   * `undefined` leaves the default: the address from `clientIp`, or that of the socket; of an IPv6 address its /56 network.
   */
  client?: (req: IncomingMessage) => string | undefined;
  /**
   * Names whom a request is sent for, such as the holder of an API key. Once several principals use the proxy, breaker and ejection count
   * failures per principal instead of per client: one that sends from many addresses is still one. `undefined` groups requests without
   * a principal. Default: none, so that clients are counted.
   */
  principal?: (req: IncomingMessage) => string | undefined;
  /** The circuit breaker of each target; `false` for none. */
  breaker?: BreakerOptions | false;
  /** When a replica is passed over; `false` for never. */
  ejection?: EjectionOptions | false;
  /** When a request is sent again; `false` for never. */
  retries?: RetryOptions | false;
  /** Writes a comment into an event stream that has been silent for so long, in milliseconds. Default 0: none. */
  heartbeatMs?: number;
  /** Adds `Server-Timing` with the times up to the head of the answer. Default false: they tell about the inside. */
  serverTiming?: boolean;
  /** Protocols that `upgrade()` lets through. Default `websocket` only. */
  upgrades?: readonly string[];
  /**
   * Makes the URI of the problem type where `upgrade()` refuses by itself, as the option `typeUri` of `problemDetails()`: `{slug}` is
   * replaced. Default: the pages under `docs/problems` of this project.
   */
  problemTypeUri?: string;
  /** Headers of every response of `upgrade()` but the 101, such as the security headers. They win over a target's. Default: none. */
  refusalHeaders?: Readonly<Record<string, string>>;
  /** Longest silence of an upgraded connection in both directions, in milliseconds. Default 300,000. */
  upgradeIdleTimeoutMs?: number;
  /**
   * Our name in `Via`, a token (RFC 9110, 7.6.3). A request that has it already has come round in a circle and is answered 508, so
   * proxies in a chain need names of their own. Default `aivillage`.
   */
  viaName?: string;
}
