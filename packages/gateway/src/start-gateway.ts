import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { answerClientError } from "./client-error.ts";
import { closeOnSignals } from "./close-on-signals.ts";
import type { GatewayConfig } from "./config/gateway-config.ts";
import { createGateway, type Gateway } from "./create-gateway.ts";
import type { GatewayDependencies } from "./dependencies.ts";

/** A gateway that listens. */
export interface StartedGateway {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  /**
   * Stops: `/readyz` turns 503, no new connection is taken, requests under way may finish for `drainMs`, then everything is
   * closed. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/** How to start, beside the configuration. */
export interface StartOptions extends GatewayDependencies {
  /** Closes on SIGTERM and SIGINT and ends the process with code 0; a second signal ends it at once with code 1. Default false. */
  handleSignals?: boolean;
  /** How long requests under way may go on after `close()`, in milliseconds. Default 10,000. */
  drainMs?: number;
}

/** The time a client may take: 15 s for the head, 5 min for the whole request; idle connections are kept 65 s. */
const serverLimits = { headersTimeout: 15_000, requestTimeout: 300_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };

/**
 * Starts a gateway on its configured address and logs one line when it listens.
 *
 * @throws Error with `code` `EADDRINUSE` and the like when the address cannot be had
 */
export async function startGateway(config: GatewayConfig, options: StartOptions = {}): Promise<StartedGateway> {
  const { handleSignals = false, drainMs = 10_000, ...dependencies } = options;
  const gateway = createGateway(config, dependencies);
  const server = createServer(serverLimits, gateway.handler);
  server.on("clientError", answerClientError);
  const port = await listen(server, config.server).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const { host } = config.server;
  const url = `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host}:${port}`;
  gateway.logger.info({ url, environment: config.environment }, "gateway listens");

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= drain(server, gateway, drainMs));
  if (handleSignals) closeOnSignals(close, gateway.logger);
  return { url, port, gateway, close };
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

async function drain(server: Server, gateway: Gateway, drainMs: number): Promise<void> {
  gateway.drain();
  const closed = new Promise((resolve) => server.close(resolve));
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(timer);
  await gateway.close();
  gateway.logger.info({}, "gateway stopped");
}
