import { auditLog } from "@aivillage/access-log";
import { optionReason } from "@aivillage/middleware";

import { ConfigError } from "../config/loader/config-error.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/**
 * Opens the audit log of the configuration; `undefined` without one.
 *
 * @throws ConfigError for a log that cannot go on, or that another process writes
 */
export function openAuditLog({ audit: { file, key, onFailure } }: GatewayConfig) {
  if (file === "") return undefined;
  try {
    return auditLog({ path: file, onFailure, ...(key !== "" && { key }) });
  } catch (error) {
    throw new ConfigError([`AUDIT_FILE: ${optionReason(error)}`]);
  }
}
