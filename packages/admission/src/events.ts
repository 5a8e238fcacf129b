import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { RefusalReason } from "./store.ts";

/** A request got its slots. */
export interface RequestAdmitted {
  req: IncomingMessage;
  /** Names of the limits of which it holds a slot. */
  limits: readonly string[];
  waitedMs: number;
  /** Its expected place in the queue when it came; 0 if it did not wait. */
  position: number;
}

/** A request got no slot and was refused. */
export interface AdmissionRefused {
  req: IncomingMessage;
  /** Name of the limit that had no free slot. */
  limit: string;
  /** Whether it is the limit of the client, a 429, or that of a backend, a 503. */
  of: "client" | "backend";
  reason: RefusalReason;
  waitedMs: number;
  retryAfterMs: number;
}

/** A client left while its request waited. */
export interface WaitingClientLeft {
  req: IncomingMessage;
  limits: readonly string[];
  waitedMs: number;
}

/** A request has ended, however it ended, and gave back its slots. */
export interface SlotsReleased {
  req: IncomingMessage;
  limits: readonly string[];
  heldMs: number;
}

/** An adaptive limit has changed. */
export interface LimitAdapted {
  limit: string;
  from: number;
  to: number;
  /** `latency`: the time to the first byte has changed. `backpressure`: the backend has refused a request. */
  reason: "latency" | "backpressure";
}

/** The shared store became unavailable or came back. */
export interface AdmissionStoreAvailabilityChanged {
  store: "redis" | "cluster";
  available: boolean;
  reason: string | undefined;
}

/** Published when a request has got its slots. */
export const requestAdmitted = event<RequestAdmitted>("aivillage:admission:admitted");

/** Published when a request got no slot and is refused. */
export const admissionRefused = event<AdmissionRefused>("aivillage:admission:refused");

/** Published when a client has left while its request waited. */
export const waitingClientLeft = event<WaitingClientLeft>("aivillage:admission:client-left");

/** Published when a request has ended and given back its slots. */
export const slotsReleased = event<SlotsReleased>("aivillage:admission:released");

/** Published when an adaptive limit has changed. */
export const limitAdapted = event<LimitAdapted>("aivillage:admission:limit-adapted");

/** Published when the shared store of slots becomes unavailable, and when it is back. */
export const admissionStoreAvailabilityChanged = event<AdmissionStoreAvailabilityChanged>("aivillage:admission:store-availability-changed");
