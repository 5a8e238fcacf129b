import type { IncomingMessage } from "node:http";

import type { PathExchange, RewrittenCookies } from "../fields/rewrite-headers.ts";
import type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./failure-options.ts";
import type { AttemptBeginning, FallbackReason, MergeOutcome, ReplacedBody } from "./option-values.ts";
import type { FilteredHead, ResponseFilter } from "./response-filter.ts";
import type { SessionCookieOptions } from "./session-cookie-options.ts";
import type { TargetOptions } from "./target-options.ts";

/** Options of `downstreamProxy()`. Either `target` or `targets` is required. */
export interface DownstreamProxyOptions {
  /** Short form for one target, named `downstream`, without replicas and with the path of the request. */
  target?: string;
  /** The targets in the order in which they are tried. All but the first are fallbacks. */
  targets?: readonly TargetOptions[];
  /** Maximum connections to each replica. Default 128. */
  connections?: number;
  /**
   * Maximum age of a connection, in milliseconds; then it is closed after the request that it carries, and the name of the target is
   * looked up again. Connections are closed at a random age from three quarters of it. Default 60,000; 0 for no limit.
   */
  maxConnectionAgeMs?: number;
  /** Maximum requests on one connection. Default 0: no limit. */
  maxRequestsPerConnection?: number;
  /**
   * Maximum time that a connection is reused after its last request, in milliseconds. It must be below the time after which the target
   * closes idle connections: a `POST` that meets a connection that is being closed is a 502. Default 1,500, below the 2 s of gunicorn.
   */
  keepAliveMs?: number;
  /** Maximum size of the head of a response, in bytes; a larger one is a 502. Default 16,384. */
  maxHeaderBytes?: number;
  /**
   * Key of the session of a request. Requests with the same key are sent to the same replica while it works. `undefined` has no preference.
   * Default: none.
   */
  affinity?: (req: IncomingMessage) => string | undefined;
  /**
   * Sets a cookie that keeps a client at the replica that served it first, for clients that have no session yet. When that replica is down,
   * another one serves the request and takes the session over. Excludes `affinity`. Default: none.
   */
  sessionCookie?: SessionCookieOptions;
  /**
   * Maximum requests and streams in progress for one client, or for one `principal` from all its addresses; one more gets a 429. The share
   * shrinks as connections become scarce: with a limit of up to half of them, a client never holds more connections than are free, so one is
   * left for every other client. A limit of `connections` or more is absolute. Default 0: no limit.
   */
  maxConcurrentPerClient?: number;
  /** Maximum requests that wait for a connection to each replica; one more gets a 503. Default 1,024. */
  maxQueued?: number;
  /** Maximum wait for a slot in `connections`, and again for the connection itself, in milliseconds. Default 5,000. */
  connectTimeoutMs?: number;
  /**
   * Maximum wait for the head of the final response after the request was sent, in milliseconds. Informational responses do not extend
   * it. Default 30,000.
   */
  headersTimeoutMs?: number;
  /**
   * Maximum wait for the head and the first content after the request was sent, in milliseconds. Until then the head is held, without heartbeats, so that
   * another replica or target can be asked; otherwise the client gets a 504. Content is the first event of an event stream (no comment), the
   * first byte of another response, or what `filter` takes for it. Default 0: no limit, and the head is sent at once.
   */
  firstEventTimeoutMs?: number;
  /** Makes the filter of one response, or `undefined`. The target is asked for uncompressed responses. Default: none. */
  filter?: (req: IncomingMessage, head: FilteredHead) => ResponseFilter | undefined;
  /**
   * Maximum time from when the request was sent to the last byte of the response, in milliseconds. The clock stops while the client does
   * not keep up. Does not apply to streams, which are recognised by their content type: server-sent events, newline-delimited JSON, gRPC and
   * the like. Default 0: no limit.
   */
  responseTimeoutMs?: number;
  /** Maximum duration of a stream or an upgraded connection, in milliseconds; then it is cut. Default 0: no limit. */
  maxStreamMs?: number;
  /** Maximum silence of the target within the body of a response, server-sent events included, in milliseconds. Default 30,000. */
  idleTimeoutMs?: number;
  /** Maximum time that the client may take nothing of a response that waits for it, in milliseconds. Default 120,000. */
  stallTimeoutMs?: number;
  /** Maximum time for the whole exchange, all attempts included, in milliseconds. Never cuts a stream. Default 0: no limit. */
  totalTimeoutMs?: number;
  /** Failures after which the next target is tried. Default: all five. A 4xx is none of them; see `failOverStatuses`. */
  fallbackOn?: readonly FallbackReason[];
  /**
   * Statuses from 400 to 599 with which a target declines a request, such as 429, 503 and 529. It is sent to another replica, within the
   * retry budget, or to the next target, whatever its method. The client gets the last response. Default: none.
   */
  failOverStatuses?: readonly number[];
  /** Largest request body that is forwarded, in bytes; a larger one gets a 413. Default 0: no limit. */
  maxBodyBytes?: number;
  /** How much of a streamed request body is kept so that it can be sent again, in bytes. Default 262,144. */
  replayBodyBytes?: number;
  /** Path and query for targets without a fixed path, below their base path; an empty path means `/`. Default: those of the request. */
  path?: (req: IncomingMessage) => string;
  /** Replaces the request body; `undefined` sends the client's. Default: the client's. */
  body?: (req: IncomingMessage) => ReplacedBody | undefined;
  /** Request headers to add. They override the client's, and `undefined` removes the client's. Default: none. */
  headers?: (req: IncomingMessage) => Readonly<Record<string, string | undefined>>;
  /**
   * `traceparent` of one attempt (W3C Trace Context), with its own parent id for its own span; `downstreamAttempted` reports it.
   * Overrides `headers` and the client's; `undefined` keeps them. Default: none.
   */
  traceparent?: (req: IncomingMessage, attempt: AttemptBeginning) => string | undefined;
  /** True when the peer is a proxy whose report in `forwardedHeader` is trusted. Default: never. */
  isFromTrustedProxy?: (req: IncomingMessage) => boolean;
  /**
   * Where trusted peers report the client: `X-Forwarded-For` with `-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other one is
   * ignored, because such peers may let the client's through. Default `X-Forwarded-For`.
   */
  forwardedHeader?: "X-Forwarded-For" | "Forwarded";
  /** Sends `X-Forwarded-*`, `Forwarded` and `Via`. Default true; false for a service of somebody else, through which no loop is noticed then. */
  sendForwarded?: boolean;
  /** Address of the client for `X-Forwarded-For` and `Forwarded`. Default: the address of the socket. */
  clientIp?: (req: IncomingMessage) => string | undefined;
  /** Forwards the client's `Authorization`. Default false: credentials for this server stay here. */
  forwardAuthorization?: boolean;
  /** Forwards the client's `Cookie`. Default false, for the same reason. */
  forwardCookies?: boolean;
  /**
   * Client headers to forward although they are in `requestClaims`, such as `X-Tenant-Id`, or `X-Auth-Request-*` for a prefix. Every
   * client can send them, so the target must not treat them as verified. Default: none.
   */
  forwardHeaders?: readonly string[];
  /** The same, but forwarded only from peers that `isFromTrustedProxy` accepts, such as a front end that authenticates. Default: none. */
  forwardTrustedHeaders?: readonly string[];
  /** Forwards client headers that neither list names and that are not in `requestClaims`. Default true; false makes the lists an allow-list. */
  forwardUnlisted?: boolean;
  /**
   * Response headers of the target to pass on although they are in `withheldHeaders`, such as `Access-Control-*` of a target that decides
   * which origins may read it. Default: none.
   */
  passResponseHeaders?: readonly string[];
  /** Further response headers of the target that are dropped: names, or `X-Internal-*` for a prefix. Default: none. */
  withholdResponseHeaders?: readonly string[];
  /** Response headers that the target may set although an earlier handler has set them. Default: only those that describe the content. */
  overridableResponseHeaders?: readonly string[];
  /**
   * Forwards client headers with nonstandard names, which contain anything but letters, digits and `-`, such as `user_id`. Headers that a
   * service could mistake for one that the proxy writes, replaces or removes are still dropped. Default false: services that use CGI or WSGI
   * cannot distinguish `X_User` from `X-User`.
   */
  forwardNonstandardHeaders?: boolean;
  /** Members to add to a response that is a JSON object. Default: the response passes through unchanged. */
  mergeJson?: (req: IncomingMessage, outcome: MergeOutcome) => Readonly<Record<string, unknown>>;
  /** Largest response that `mergeJson` holds in memory, in bytes; a larger one passes through unchanged. Default 1,048,576. */
  mergeJsonBytes?: number;
  /** Sent as `Retry-After` of a 429 or 503, in milliseconds, rounded up to seconds. Default 5,000. */
  retryAfterMs?: number;
  /**
   * Statuses from 400 to 599 that count as a failure of the target. Default none: a response shows that the target works, and a client
   * can often choose its status.
   */
  failureStatuses?: readonly number[];
  /** How many failures of a target or replica are too many. Default: half of at least 10 requests within 10 s. */
  failureWindow?: FailureWindowOptions;
  /**
   * Identifies the client of a request, so that no single client can open the breaker, eject a replica or, without a `principal`, exceed
   * `maxConcurrentPerClient`. Default, also for `undefined`: the address from `clientIp`, or that of the socket; of an IPv6 address its /56
   * network.
   */
  client?: (req: IncomingMessage) => string | undefined;
  /**
   * Identifies the principal that a request is sent for, such as the holder of an API key. When several principals use the proxy, breaker
   * and ejection count failures per principal instead of per client, so one that sends from many addresses still counts as one. Requests
   * for which it returns `undefined` form one group. `maxConcurrentPerClient` counts per principal too. Default: none, so clients count.
   */
  principal?: (req: IncomingMessage) => string | undefined;
  /** The circuit breaker of each target; `false` for none. Default: on, with the defaults of its members. */
  breaker?: BreakerOptions | false;
  /** When a replica is ejected; `false` for never. Default: on, with the defaults of its members. */
  ejection?: EjectionOptions | false;
  /** When a request is sent again; `false` for never. Default: on, with the defaults of its members. */
  retries?: RetryOptions | false;
  /** Writes a comment into an event stream that has been silent for this long, in milliseconds. Default 0: none. */
  heartbeatMs?: number;
  /** Adds `Server-Timing` with the times up to the head of the response. Default false: they reveal internals. */
  serverTiming?: boolean;
  /** Protocols that `upgrade()` accepts. Default `websocket` only. */
  upgrades?: readonly string[];
  /**
   * URI of the problem type when `upgrade()` itself refuses, like the option `typeUri` of `problemDetails()`: `{slug}` is replaced.
   * Default: the pages under `docs/problems` of this project.
   */
  problemTypeUri?: string;
  /** Headers of every response of `upgrade()` but the 101, such as the security headers. They override a target's. Default: none. */
  refusalHeaders?: Readonly<Record<string, string>>;
  /** Maximum silence of an upgraded connection in both directions, in milliseconds. Default 300,000. */
  upgradeIdleTimeoutMs?: number;
  /**
   * Replaces the address of the target in `Location` by that of this server, and removes the base path of the target. Default true. Locations
   * at other hosts are never changed. `{ from: "/", to: "/app/" }` also replaces the beginning of the path, where the option `path` does the
   * reverse, and that of the `Path` of cookies.
   */
  rewriteLocation?: boolean | PathExchange;
  /** Replaces `Domain` and `Path` of cookies that the target sets with these attributes. Default: cookies pass unchanged. */
  rewriteCookies?: RewrittenCookies;
  /**
   * Name of this proxy in `Via`, a token (RFC 9110, 7.6.3). A request that already carries it has looped and gets a 508, so proxies in a chain
   * need different names. Default: `aivillage` with a random suffix; responses carry it without the suffix.
   */
  viaName?: string;
}
