import cluster from "node:cluster";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import {
  clientDropped,
  closeOnSignals,
  connectionLimited,
  httpServer,
  listenOn,
  recordHeaders,
  soleProcess,
  stopServer,
} from "@aivillage/http-server";
import { defined } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import type { ServingProcess } from "../admin/serving-process.ts";
import type { ConfigSources } from "../config/load-config.ts";
import { hasAdmin } from "../config/rules/admin-rules.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { createGateway } from "../create-gateway.ts";
import type { GatewayDependencies, GatewayLogger } from "../dependencies.ts";
import type { Gateway } from "../gateway.ts";
import { uploadTimeoutMs } from "../pipeline/body-times.ts";
import { isGatewayWorker } from "./hand-over.ts";
import { logExpiringKeys } from "./log-expiring-keys.ts";
import { warnOfMemory } from "./memory-limit.ts";
import { usableConnections, warnOfOpenFiles } from "./open-files.ts";
import { reloadOnChange } from "./reload-on-change.ts";
import { describeTracing } from "./tracing/register-tracing.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** A gateway that listens. */
export interface StartedGateway {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  /**
   * Stops: `/readyz` turns 503, new connections are taken for the configured delay only, requests under way may finish for
   * `drainMs`, then everything is closed. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/** How to start, beside the configuration. */
export interface StartOptions extends GatewayDependencies {
  /** Closes on SIGTERM and SIGINT and ends the process with code 0; a second signal ends it at once with code 1. Default false. */
  handleSignals?: boolean;
  /** How long requests under way may go on after `close()`, in milliseconds. Default: `server.drainSeconds` of the configuration. */
  drainMs?: number;
  /** Where the configuration came from: it is loaded again on SIGHUP and when one of its files has changed. Default: it stays. */
  sources?: ConfigSources;
  /** Runs when the last request has ended, before `close()` resolves. */
  beforeEnd?: () => Promise<void>;
}

/** Connections that are idle when a signal comes may have a request on its way. */
const idleAfterSignalMs = 1_000;

/**
 * Starts a gateway on its configured address and logs one line when it listens.
 *
 * @throws ConfigError for a configuration that does not pass the checks, and Error with `code` `EADDRINUSE` and the like when the address cannot be had
 */
export async function startGateway(config: GatewayConfig, options: StartOptions = {}): Promise<StartedGateway> {
  return await startOperated(config, options, ownAdmin);
}

/** Lets the operator see and change a gateway, before it listens. */
export type Operate = (gateway: Gateway, server: Server, options: StartOptions) => Promise<{ close(): Promise<void> } | undefined>;

/** The listener of the configuration, if it has one. */
const ownAdmin: Operate = async (gateway, server, { metricsSource = gateway.registry }) => {
  if (!hasAdmin(gateway.config)) return undefined;
  const [{ startAdmin }, { servingProcess }] = await Promise.all([
    import("../admin/start-admin.ts"),
    import("../admin/serving-process.ts"),
  ]);
  const serving = servingProcess(gateway, server, cluster.worker?.id ?? 0);
  return await startAdmin({
    get config() {
      return gateway.config;
    },
    get reloads() {
      return gateway.reloads;
    },
    logger: gateway.logger,
    metrics: metricsSource,
    fleet: { ...soleProcess<ServingProcess>(serving), close: () => serving.close() },
  });
};

/** Does what `startGateway()` does, with the operator's part given. */
export async function startOperated(config: GatewayConfig, options: StartOptions, operate: Operate): Promise<StartedGateway> {
  const { handleSignals = false, drainMs = config.server.drainSeconds * 1_000, sources, beforeEnd, ...dependencies } = options;
  const { host, drainDelaySeconds } = config.server;
  const gateway = createGateway(config, dependencies);
  const server = makeServer(config, gateway);
  const stopListening = reportServer(server, gateway);
  await gateway.ready;
  let operated: Awaited<ReturnType<Operate>>;
  let url: string;
  try {
    operated = await operate(gateway, server, options);
    url = await listenOn(server, { host, port: config.server.port });
  } catch (error) {
    stopListening();
    await operated?.close();
    await gateway.close();
    throw error;
  }
  gateway.logger.info({ url, environment: config.environment, ...defined({ tracing: describeTracing() }) }, "gateway listens");
  gateway.startProbes();
  // Of several workers each has the same configuration: their primary warns.
  let stopWarning = (): void => undefined;
  if (!isGatewayWorker()) {
    warnOfConfig(config, gateway.logger);
    warnOfOpenFiles(config, gateway.logger);
    warnOfMemory(config, gateway.logger);
    stopWarning = logExpiringKeys(gateway, gateway.logger);
  }
  const stopReloading = sources === undefined ? () => undefined : reloadOnChange(sources, gateway);

  async function stop(): Promise<void> {
    stopReloading();
    stopWarning();
    gateway.drain();
    const idleMs = handleSignals ? idleAfterSignalMs : 0;
    await stopServer(server, { delayMs: drainDelaySeconds * 1_000, idleMs, drainMs });
    stopListening();
    await gateway.close();
    await operated?.close();
    await beforeEnd?.();
    gateway.logger.info({}, "gateway stopped");
  }

  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => (stopped ??= stop());
  if (handleSignals) endOnSignals(close, gateway.logger);
  return { url, port: (server.address() as AddressInfo).port, gateway, close };
}

/** What the server does before a request reaches the gateway: all servers of a process share the channels. */
function reportServer(server: Server, gateway: Gateway): () => void {
  const ends = [
    connectionLimited.subscribe((reached) => {
      if (reached.server === server) gateway.connectionLimited(reached);
    }),
    clientDropped.subscribe((dropped) => {
      if (dropped.server === server) gateway.clientDropped(dropped);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** As on every other response. */
const headers = recordHeaders(securityHeaders());

function makeServer(config: GatewayConfig, gateway: Gateway): Server {
  const { maxConnectionsPerAddress } = config.server;
  const server = httpServer(gateway.handler, {
    maxConnections: usableConnections(config),
    ...(maxConnectionsPerAddress > 0 && { maxConnectionsPerAddress }),
    isTrustedPeer: (address) => gateway.trustsPeer(address),
    // The reader of an upload says why it refuses one that takes too long.
    requestTimeoutMs: uploadTimeoutMs + 15_000,
    // The gateway's handler does it, so that refusals are logged and counted.
    checkHead: false,
    leanResponse: true,
    headers,
  });
  return server.on("upgrade", gateway.upgrade);
}

function endOnSignals(close: () => Promise<void>, logger: GatewayLogger): void {
  closeOnSignals(close, {
    onSignal: (signal) => logger.info({ signal }, "gateway drains"),
    onError: (error, kind) =>
      logger.error({ err: error }, kind === "uncaught" ? "uncaught error, the process ends" : "gateway could not stop in order"),
  });
  // Meant for a primary; by default it would end the process without a word.
  process.on("SIGUSR2", () => logger.warn({}, "there are no workers to replace here"));
}
