import { auditAvailabilityChanged } from "@aivillage/access-log";
import { aiCallEnded } from "@aivillage/ai-call";
import { createCounter, createGauge, type Registry } from "@aivillage/metrics";
import type { SubscribeOwn } from "@aivillage/middleware";
import { budgetSettled } from "@aivillage/token-budget";

import type { GatewayLogger } from "../../dependencies.ts";
import { noteCallEnded, noteSettled } from "./audit-notes.ts";

/** Notes how calls end for their records, and reports an audit log that cannot be written. Returns what ends it. */
export function observeAudit(registry: Registry, logger: GatewayLogger, on: SubscribeOwn, file: string): () => void {
  const up = createGauge({
    name: "gateway_audit_up",
    help: "1 while the audit log can be written, else 0.",
    aggregator: "min",
    registry,
  });
  up.set([], 1);
  const lostRecords = createCounter({
    name: "gateway_audit_records_lost_total",
    help: "Records of calls that were lost while the audit log could not be written.",
    registry,
  });
  const ends = [
    on(aiCallEnded, noteCallEnded),
    on(budgetSettled, noteSettled),
    auditAvailabilityChanged.subscribe(({ path, available, error, lost }) => {
      if (path !== file) return;
      up.set([], available ? 1 : 0);
      lostRecords.inc([], lost);
      if (available) logger.info({ path, lost }, "audit log is back");
      else logger.error({ path, reason: error?.message }, "audit log cannot be written");
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
