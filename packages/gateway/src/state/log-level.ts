import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The level that the configuration asks for. */
export function configuredLevel({ log }: GatewayConfig): LogLevel {
  return log.debug ? "debug" : (log.level.toLowerCase() as LogLevel);
}

/** The level of a logger; `undefined` for one that has none, as a program may bring along. */
export function levelOf(logger: GatewayLogger): LogLevel | undefined {
  return hasLevel(logger) ? logLevels.find((level) => level === logger.level) : undefined;
}

/** Sets the level of a logger. @returns false if it has none */
export function setLevelOf(logger: GatewayLogger, level: LogLevel): boolean {
  if (!hasLevel(logger)) return false;
  logger.level = level;
  return true;
}

/** Those of pino have one. */
function hasLevel(logger: GatewayLogger): logger is GatewayLogger & { level: string } {
  return "level" in logger && typeof logger.level === "string";
}

/** A logger whose lines are written at every level that the operator may choose: what was changed must stay known. */
export function auditLogger(logger: GatewayLogger): GatewayLogger {
  // A child with the level of its parent follows the parent; no logger here has this one.
  return isParent(logger) ? logger.child({}, { level: "trace" }) : logger;
}

function isParent(logger: GatewayLogger): logger is GatewayLogger & { child(bindings: object, options: object): GatewayLogger } {
  return hasLevel(logger) && "child" in logger && typeof logger.child === "function";
}
