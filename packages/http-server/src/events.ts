import type { IncomingMessage, Server } from "node:http";

import { event } from "@aivillage/middleware";

/** What a peer speaks instead of plain HTTP/1.1, where its first bytes show it. */
export type OtherProtocol = "tls" | "http2" | "proxy-protocol";

/** A limit of a server's connections was reached. */
export type ConnectionLimited = { readonly server: Server } & (
  | {
      /** `address`: the connections of one client address; `total`: those of the server. */
      readonly limit: "address" | "total";
      /** `evicted`: an idle connection was closed to make room; `refused`: the new connection was closed. */
      readonly action: "evicted" | "refused";
    }
  | {
      /** Requests that wait on one connection for the responses before them. */
      readonly limit: "pipelining";
      /** The connection closes after the responses to the requests that wait. */
      readonly action: "closed";
    }
);

/** A client lost its connection by its own doing. */
export interface ClientDropped {
  readonly server: Server;
  /** The address of the peer; `undefined` on a Unix socket, or when the client has left already. */
  readonly address: string | undefined;
  /**
   * `malformed`: it sent what is not a valid HTTP request; `slow-request`: its request did not arrive in time; `slow-response`: it did
   * not take the response in time.
   */
  readonly reason: "malformed" | "slow-request" | "slow-response";
  /** What it speaks instead, where its first bytes show it: a front end that is set to TLS, HTTP/2 or the PROXY protocol. */
  readonly protocol?: OtherProtocol;
}

/** A request was refused because the bodies of requests in progress were as large as `bodyMemory()` allows. */
export interface BodyMemoryExceeded {
  readonly req: IncomingMessage;
  readonly client: string | undefined;
  /** Whose limit was reached: that of the client, or of all. */
  readonly of: "client" | "total";
  /** What the body would have taken. */
  readonly bytes: number;
}

/** A worker ended without being asked to, and is restarted. */
export interface WorkerDied {
  readonly worker: number;
  /** The exit code; `null` when a signal ended the worker. */
  readonly code: number | null;
  readonly signal: string | null;
  /** When its replacement starts, in milliseconds from now. */
  readonly restartMs: number;
}

/** A round of replacing all workers has ended. */
export interface WorkersReplaced {
  /** How many workers were replaced: 0 when `renew` refused, fewer than all when a new worker did not listen. */
  readonly replaced: number;
}

/** A new worker died or did not listen in time while it was to replace another one, which stays. */
export interface WorkerStartFailed {
  readonly worker: number;
}

/** A worker of a `workerFleet()` failed at a call, or did not reply in time. */
export interface WorkerCallFailed {
  readonly worker: number;
  readonly call: string;
  readonly error: Error;
}

/** Published when a connection is closed because the server, one of its clients or a connection has reached its limit. */
export const connectionLimited = event<ConnectionLimited>("aivillage:http-server:connection-limited");

/** Published when a client is disconnected because it sent no valid HTTP, or was too slow. */
export const clientDropped = event<ClientDropped>("aivillage:http-server:client-dropped");

/** Published by a handler of `bodyMemory()` when it refuses a request. */
export const bodyMemoryExceeded = event<BodyMemoryExceeded>("aivillage:http-server:body-memory-exceeded");

/** Published by `superviseWorkers()` when a worker has died. */
export const workerDied = event<WorkerDied>("aivillage:http-server:worker-died");

/** Published by `superviseWorkers()` when SIGUSR2 has replaced the workers, or could not. */
export const workersReplaced = event<WorkersReplaced>("aivillage:http-server:workers-replaced");

/** Published by `superviseWorkers()` when a replacement did not come up; the workers that run stay. */
export const workerStartFailed = event<WorkerStartFailed>("aivillage:http-server:worker-start-failed");

/** Published by a `workerFleet()` when a worker has not done what it was called for. */
export const workerCallFailed = event<WorkerCallFailed>("aivillage:http-server:worker-call-failed");
