import { documentedTypes, isPlainObject, isTypeUri, option, optionError, readOptions, returns, warnOfOption } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";

/** Options of `httpServer()`. Durations are in milliseconds. */
export interface HttpServerOptions {
  /** Connections held at once. A new one then replaces the longest idle one, or is refused if none is idle. Default 10000. */
  maxConnections?: number;
  /**
   * Connections held at once by one IPv4 address or one IPv6 /56 network, in the same way. Default: half of `maxConnections`, rounded up.
   */
  maxConnectionsPerAddress?: number;
  /**
   * Whether a peer is a proxy you trust. Its connections carry many clients, so only `maxConnections` bounds them. Asked for each new
   * connection, and again when room is needed. Default: no peer is trusted.
   */
  isTrustedPeer?: (address: string | undefined) => boolean;
  /**
   * Pipelined requests that may wait on one connection for the responses before them. They are handled one after the other. The response
   * to the last of them closes the connection, and the client sends the others again (RFC 9112, 9.3.2). Default 32.
   */
  maxPipelined?: number;
  /** Size of a request's head; a larger one is refused with 431. Default 16384. */
  maxHeaderBytes?: number;
  /** Time for the head of a request to arrive, else 408. Default 15000. */
  headTimeoutMs?: number;
  /** Time for a whole request to arrive, else 408; 0 sets no limit. Default 300000. */
  requestTimeoutMs?: number;
  /** Time between two requests on a connection. Keep it longer than your load balancer does. Default 65000. */
  keepAliveTimeoutMs?: number;
  /** A body must bring `bodyWindowBytes` in each such time, else 408. Time in which your handler does not read is not counted. Default 15000. */
  bodyWindowMs?: number;
  /** Default 10240. */
  bodyWindowBytes?: number;
  /** A client that takes nothing of its response for so long is disconnected, at the latest after twice that. Default 10000. */
  stalledResponseMs?: number;
  /** Time a client that takes something may need for what waits to be sent, apart from `responseBytesPerSecond`. Default 15000. */
  slowResponseMs?: number;
  /** The pace at which a client must take what waits to be sent. Default 32000. */
  responseBytesPerSecond?: number;
  /** How often connections are checked for slow clients. Timeouts are late by up to twice this. Default 1000. */
  checkIntervalMs?: number;
  /**
   * Refuses requests whose `Host` or framing HTTP/1.1 demands to refuse (400), and unknown expectations (417), before your handler runs.
   * Set `false` when you mount `checkHead` yourself, for instance after an access log. Default true.
   */
  checkHead?: boolean;
  /** Sends responses as `LeanResponse`, which costs less when they carry many headers. No use to Express apps. Default false. */
  leanResponse?: boolean;
  /** Headers of the responses that the server sends itself, such as those of `recordHeaders(securityHeaders())`. Default none. */
  headers?: Readonly<Record<string, string>>;
  /** The URI of a problem type in those responses, with `{slug}` for the type. Default: the pages of this project. */
  typeUri?: string;
  /** The clock by which slow clients are judged, in milliseconds since any moment. Default `performance.now`. */
  now?: () => number;
}

/** The options after reading, every one present. */
export type ReadOptions = ReturnType<typeof readHttpServerOptions>;

const trustsNobody = (_address: string | undefined): boolean => false;
const duration = (fallback: number) => option.integer(fallback, { min: 1, max: 2 ** 31 - 1 });

export function readHttpServerOptions(given: HttpServerOptions | undefined) {
  const options = readOptions(packageName, given, {
    maxConnections: option.integer(10_000, { min: 1 }),
    maxConnectionsPerAddress: option.custom<number | undefined>(
      "an integer, at least 1",
      undefined,
      (value) => Number.isInteger(value) && Number(value) > 0,
    ),
    isTrustedPeer: option.function<NonNullable<HttpServerOptions["isTrustedPeer"]>>(trustsNobody, returns.boolean),
    maxPipelined: option.integer(32, { min: 1 }),
    maxHeaderBytes: option.integer(16_384, { min: 1 }),
    headTimeoutMs: duration(15_000),
    requestTimeoutMs: option.integer(300_000, { max: 2 ** 31 - 1 }),
    keepAliveTimeoutMs: duration(65_000),
    bodyWindowMs: duration(15_000),
    bodyWindowBytes: option.integer(10_240, { min: 1 }),
    stalledResponseMs: duration(10_000),
    slowResponseMs: duration(15_000),
    responseBytesPerSecond: option.integer(32_000, { min: 1 }),
    checkIntervalMs: option.integer(1_000, { min: 1, max: 2 ** 30 - 1 }),
    checkHead: option.boolean(true),
    leanResponse: option.boolean(false),
    headers: option.custom<Readonly<Record<string, string>>>("an object of header values, each a string", {}, isRecordOfStrings),
    typeUri: option.custom<string>("a URI with `{slug}` in it once", documentedTypes, isTypeUri),
    now: option.function<() => number>(() => performance.now()),
  });
  const { maxConnections, maxConnectionsPerAddress = Math.ceil(maxConnections / 2), headTimeoutMs, requestTimeoutMs } = options;
  if (requestTimeoutMs > 0 && requestTimeoutMs < headTimeoutMs)
    throw optionError(packageName, "requestTimeoutMs", `0 or at least \`headTimeoutMs\` (${headTimeoutMs})`, requestTimeoutMs);
  return { ...options, maxConnectionsPerAddress, isTrustedPeer: neverThrowing(options.isTrustedPeer) };
}

/** It is asked when a connection opens, where an error would end the process: a peer that it cannot judge is not trusted. */
function neverThrowing(isTrusted: (address: string | undefined) => boolean): (address: string | undefined) => boolean {
  return (address) => {
    try {
      return isTrusted(address);
    } catch (error) {
      warnOfOption(error);
      return false;
    }
  };
}

function isRecordOfStrings(value: unknown): boolean {
  return isPlainObject(value) && Object.values(value).every((each) => typeof each === "string");
}
