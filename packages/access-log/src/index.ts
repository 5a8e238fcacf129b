export { accessLog, type AccessLogHandler } from "./access-log.ts";
export { isAuditLogPath } from "./audit/audit-files.ts";
export { type AuditLog, auditLog, type AuditSink } from "./audit/audit-log.ts";
export type { AuditLogOptions } from "./audit/audit-options.ts";
export type { AuditProblem } from "./audit/chain-check.ts";
export type { AuditHead } from "./audit/chain.ts";
export { attachAuditLog, workerAuditLog, type WorkerAuditOptions } from "./audit/cluster-audit.ts";
export { type AuditVerdict, verifyAudit, type VerifyAuditOptions } from "./audit/verify-audit.ts";
export {
  type AccessLogFailed,
  accessLogFailed,
  type AuditAvailabilityChanged,
  auditAvailabilityChanged,
  type LogLinesLost,
  logLinesLost,
} from "./events.ts";
export type { AccessLogLine } from "./line.ts";
export { createLogger, type Logger } from "./create-logger.ts";
export type { CreateLoggerOptions } from "./logger-options.ts";
export type { SampleOptions } from "./sampler.ts";
export { throttleByKind } from "./throttle-by-kind.ts";
export type { AccessLogger, AccessLogOptions } from "./options.ts";
