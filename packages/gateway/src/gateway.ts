import type { IncomingMessage, RequestListener } from "node:http";
import type { Duplex } from "node:stream";

import type { TargetState } from "@aivillage/downstream-proxy";
import type { HealthReport } from "@aivillage/health-cascade";
import type { ClientDropped, ConnectionLimited } from "@aivillage/http-server";
import type { Registry } from "@aivillage/metrics";
import type { Penalties } from "@aivillage/rate-limit";
import type { BudgetOperator, DecidedBudget } from "@aivillage/token-budget";
import type { Express } from "express";

import type { GatewayConfig } from "./config/settings/gateway-config.ts";
import type { GatewayLogger } from "./dependencies.ts";
import type { LogLevel } from "./state/log-level.ts";
import type { ReloadResult } from "./state/recent-reloads.ts";
import type { SlotCount } from "./state/slots.ts";

/** What probes and requests have shown of the services. */
export interface ServicesReport {
  /** What probes found, with each replica. */
  readonly health: HealthReport;
  /** What requests found, for each proxy of the gateway: a service that several routes have stands here several times. */
  readonly targets: readonly TargetState[];
}

/** A gateway that does not listen by itself: mount its handler. */
export interface Gateway {
  /** Handles every request that reaches it: `createServer(handler)`, or `app.use("/path", handler)`. */
  readonly handler: RequestListener;
  /**
   * Takes WebSockets of the routes: `server.on("upgrade", gateway.upgrade)`. They pass the same checks as other requests. Connections that
   * another listener takes are left to it.
   */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** An Express app for routes of your own: it gets what the gateway's routes do not take, after all limits. */
  readonly app: Express;
  /** The configuration in force, frozen; `reload()` replaces it. */
  readonly config: GatewayConfig;
  readonly logger: GatewayLogger;
  readonly registry: Registry;
  /** The clients that are penalised; `clear()` ends a penalty. */
  readonly penalties: Penalties;
  /** Whether a peer is a trusted proxy by the configuration in use. `startGateway()` asks it about new connections. */
  trustsPeer(address: string | undefined): boolean;
  /** Counts and logs a limit of the server in front that was reached. `startGateway()` calls it. */
  connectionLimited(reached: ConnectionLimited): void;
  /** Counts and logs a client that the server in front has disconnected. `startGateway()` calls it. */
  clientDropped(dropped: ClientDropped): void;
  /** Counts a reload, or one that failed before it reached the gateway. `startGateway()` calls it. */
  reloaded(result: ReloadResult): void;
  /** What came of the last reloads, 20 at most, the newest last. */
  readonly reloads: readonly ReloadResult[];
  /** The lowest level that is logged; `undefined` if the logger has no level. A reload leaves it as it is. */
  readonly logLevel: LogLevel | undefined;
  /** Sets it, and at `debug` logs each decision about a request. @returns false if the logger has no level */
  setLogLevel(level: LogLevel): boolean;
  /** What probes and requests have shown of the services. */
  services(): Promise<ServicesReport>;
  /** How budgets stand, by key; grants more for a period, and resets. */
  readonly budgets: BudgetOperator;
  /** Shows in the metrics how budgets stand that an operator has changed, in this process or another one. `startGateway()` calls it. */
  budgetsChanged(budgets: readonly DecidedBudget[]): void;
  /** Requests in progress and waiting in this process, by limit of concurrency. */
  slots(): readonly SlotCount[];
  /** Whether a request came through this gateway, for listeners of events: all gateways of a process share the channels. */
  owns(req: IncomingMessage): boolean;
  /**
   * Sends no new requests to a replica; those that it is handling continue. It holds through reloads, until `resumeReplica()`. If every
   * replica of a service drains, requests are sent as if none did.
   *
   * @param replica scheme, host and port, as in `services()`
   * @returns whether there is such a replica
   */
  drainReplica(replica: string): boolean;
  resumeReplica(replica: string): boolean;
  /**
   * When limits are shared through Redis from the first request on, a second at most, and the keys of an issuer of tokens are loaded, five
   * seconds at most; at once without either.
   */
  readonly ready: Promise<unknown>;
  /**
   * Serves by another configuration from the next request on; requests under way end by the old one.
   *
   * @returns the settings that differ and need a restart; they stay as they were
   * @throws ConfigError when what would be in force, the settings that stay included, does not pass the checks of a start; nothing has
   * changed then
   */
  reload(config: GatewayConfig): string[];
  /**
   * Does the same in turns of the event loop: requests are served by the old configuration until the new one is ready. It does not run
   * twice at the same time.
   */
  reloadInTurns(config: GatewayConfig): Promise<string[]>;
  /** Starts the health probes of the services, which otherwise start when health or metrics are read. `startGateway()` calls it. */
  startProbes(): void;
  /** Turns `/readyz` to 503, so that load balancers send no more, and lets connections end with their next response. */
  drain(): void;
  /** Closes connections to upstream services and stops all timers. */
  close(): Promise<void>;
}
