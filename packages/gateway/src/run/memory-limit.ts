import { totalmem } from "node:os";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

const mebibyte = 1_048_576;
/** What a process takes before any body comes. */
const withoutBodies = 150 * mebibyte;
/** What a body takes in all, compared with its size: see `bodyMemory()` of `@aivillage/http-server`. */
const timesItsSize = 5;

/** Warns if bodies may take more memory than there is: the system would end the process under load, and with it all its requests. */
export function warnOfMemory({ input, server }: GatewayConfig, logger: GatewayLogger, limit = memoryLimit()): void {
  const needed = server.workers * (withoutBodies + timesItsSize * input.maxBodyMemory);
  if (input.maxBodyMemory === 0 || needed <= limit) return;
  const fitting = Math.floor((limit / server.workers - withoutBodies) / timesItsSize / mebibyte);
  const remedy = `lower MAX_BODY_MEMORY to ${Math.max(fitting, 1)}MiB, or give the gateway ${Math.ceil(needed / mebibyte)} MiB`;
  logger.warn({ limit, max_body_memory: input.maxBodyMemory, workers: server.workers, remedy }, "memory is too small for MAX_BODY_MEMORY");
}

/** Bytes that this process and those beside it may take: those of its container, or of the machine. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
