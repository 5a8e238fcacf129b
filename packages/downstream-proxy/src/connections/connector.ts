import type { buildConnector } from "undici";

/** A connection that is being made. */
export interface Connecting {
  /** Gives it up; its callback receives the reason. */
  destroy(reason: Error): unknown;
}

/** Makes connections to one replica, which share its TLS sessions. */
export type Connector = (options: buildConnector.Options, callback: buildConnector.Callback) => Connecting;
