import type { IncomingMessage } from "node:http";

import { uploadRefused } from "./events.ts";
import { UploadProblem } from "./problems.ts";

/** Reports a refusal to listeners. Failures of the consumer are not refusals. */
export function publishRefusal(req: IncomingMessage, reason: unknown): void {
  if (!uploadRefused.hasSubscribers || !(reason instanceof UploadProblem)) return;
  const { finding } = reason;
  uploadRefused.publish({ req, reason: reason.reason, ...(finding !== undefined && { finding }) });
}
