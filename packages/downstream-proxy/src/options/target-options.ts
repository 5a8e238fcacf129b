import type { IncomingMessage } from "node:http";

/** TLS of an `https:` target. Values are PEM texts, not paths. */
export interface TlsOptions {
  /** Certificate authorities that are trusted instead of those of Node. */
  ca?: string | readonly string[];
  /** Certificate that this proxy presents to the target, with its chain (mTLS). Requires `key`. */
  cert?: string;
  /** Private key of `cert`. */
  key?: string;
  /** Passphrase of `key`. */
  passphrase?: string;
  /** Name in the certificate, also sent as SNI (RFC 6066, 3). Default: the host of the URL. */
  serverName?: string;
}

/** One of several replicas. */
export interface ReplicaOptions {
  url: string;
  /**
   * Share of the requests in relation to the other replicas, an integer from 0 to 1,000,000. 0 gets none while another replica works.
   * Default 1. With a weight, replicas are chosen by weight alone, not by load.
   */
  weight?: number;
}

/** An upstream service that the proxy forwards requests to. */
export interface TargetOptions {
  /** Name in events and metrics, such as `agent_controller`. Clients see it only in `Server-Timing`. */
  name: string;
  /**
   * Its origin, `http:` or `https:`, with an optional base path, or `unix:/run/app.sock` for a Unix socket, with an optional base path after
   * a colon. A list gives replicas.
   */
  url: string | readonly (string | ReplicaOptions)[];
  /** Fixed path (and query) below the base path. Default: the path and query of the request. */
  path?: string;
  /**
   * Request headers for this target alone, such as its credentials. They override the client's and those of the option `headers`, and
   * `undefined` removes them. Called for every attempt at the target. Default: none.
   */
  headers?: (req: IncomingMessage) => Readonly<Record<string, string | undefined>>;
  /**
   * Body for this target alone, made of the one that the others get, such as one with another name for a model. Called for every attempt at
   * the target with a body. Requires bodies that an earlier handler has read, such as `express.raw()`; a body that is still a stream is an
   * error. Default: the same body for all.
   */
  body?: (req: IncomingMessage, body: Buffer) => Buffer;
  /** TLS of an `https:` target. Default: the authorities that Node trusts, and no client certificate. */
  tls?: TlsOptions;
  /**
   * Speaks HTTP/2 with the target: by ALPN with `https:`, without negotiation (prior knowledge) with `http:`. For gRPC and bidirectional
   * streams. Default false.
   */
  http2?: boolean;
  /**
   * URL of an outbound proxy, `http:` or `https:`, with optional credentials, through which connections to this target are made. Default:
   * none; `proxyFromEnvironment()` reads `HTTPS_PROXY` and the like.
   */
  outboundProxy?: string;
}
