import cluster from "node:cluster";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { ConfigSources } from "../config/load-config.ts";
import { createGateway } from "../create-gateway.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import type { Gateway } from "../gateway.ts";
import { closeOnSignals } from "../serve/close-on-signals.ts";
import { makeServer } from "../serve/make-server.ts";
import { stopServer } from "../serve/stop-server.ts";
import { reloadOnChange } from "./reload-on-change.ts";
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
  const { handleSignals = false, drainMs = config.server.drainSeconds * 1_000, sources, beforeEnd, ...dependencies } = options;
  const gateway = createGateway(config, dependencies);
  const server = makeServer(gateway.handler, {
    limits: connectionLimits(config, gateway),
    onLimited: (reached) => gateway.connectionLimited(reached),
  });
  await gateway.ready;
  const port = await listen(server, config.server).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const { host, drainDelaySeconds } = config.server;
  const url = `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host}:${port}`;
  gateway.logger.info({ url, environment: config.environment }, "gateway listens");
  // Of several workers each has the same configuration: their primary warns.
  if (cluster.isPrimary) warnOfConfig(config, gateway.logger);
  const stopReloading = sources === undefined ? () => undefined : reloadOnChange(sources, gateway);

  async function stop(): Promise<void> {
    stopReloading();
    gateway.drain();
    const idleMs = handleSignals ? idleAfterSignalMs : 0;
    await stopServer(server, { delayMs: drainDelaySeconds * 1_000, idleMs, drainMs });
    await gateway.close();
    await beforeEnd?.();
    gateway.logger.info({}, "gateway stopped");
  }

  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => (stopped ??= stop());
  if (handleSignals) closeOnSignals(close, gateway.logger);
  return { url, port, gateway, close };
}

function connectionLimits({ server: { maxConnections, maxConnectionsPerAddress } }: GatewayConfig, gateway: Gateway) {
  return {
    total: maxConnections,
    perAddress: maxConnectionsPerAddress === 0 ? Math.ceil(maxConnections / 2) : maxConnectionsPerAddress,
    isTrusted: (address: string | undefined) => gateway.trustsPeer(address),
  };
}

async function listen(server: Server, { host, port }: GatewayConfig["server"]): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
