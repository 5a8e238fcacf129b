import type { Registry } from "@aivillage/metrics";

/** What the gateway asks of a logger; pino has this shape. */
export interface GatewayLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a program that embeds a gateway may bring along. */
export interface GatewayDependencies {
  /** Takes all log lines. Default: pino on standard output at the configured level. */
  logger?: GatewayLogger;
  /** Takes all metrics. Default: a new registry of this gateway's own. */
  registry?: Registry;
}
