/** A worker that records what the test sends, and ends in order when it is disconnected. */
import { auditAvailabilityChanged, workerAuditLog } from "../../src/index.ts";

const audit = workerAuditLog({ onFailure: "refuse" });

process.on("message", ({ record, end }: { record?: object; end?: boolean }) => {
  if (record !== undefined) audit.write(record);
  if (end === true) void audit.close().then(() => process.exit(0));
});

/** What the handler does with a request: nothing of it is read. */
function isRefused(): boolean {
  let refused = false;
  audit.handler({} as never, {} as never, (error) => (refused = error !== undefined));
  return refused;
}

let lost = 0;
auditAvailabilityChanged.subscribe((changed) => (lost += changed.lost));

setInterval(() => process.send?.({ available: audit.isAvailable, refused: isRefused(), lost }), 20);
