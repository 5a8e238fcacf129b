import type { GatewayConfig } from "../settings/gateway-config.ts";
import { folderProblems } from "./folder-problems.ts";

/** Names of files beside a log. `isAuditLogPath()` of access-log says the same, but its package would load the logger for a check. */
const otherFiles = /\.(?:head|lock|\d{12})$/;

/** What is wrong with the settings of the audit log. */
export function auditProblems({ audit: { file, key } }: GatewayConfig): string[] {
  if (file === "") return key === "" ? [] : ["AUDIT_KEY is set without AUDIT_FILE: set both, or none"];
  if (otherFiles.test(file)) return [`AUDIT_FILE ${file}: the audit log names other files so: choose a name such as audit.log`];
  return folderProblems("AUDIT_FILE", file);
}

/** A chain without a key detects accidents, not intent. */
export function unkeyedAudit({ audit: { file, key } }: GatewayConfig): string[] {
  if (file === "" || key !== "") return [];
  return ["AUDIT_FILE has no AUDIT_KEY, so anyone who can write it can change it unnoticed: set AUDIT_KEY_FILE to the file of a secret"];
}
