import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

/** How a request got its slots. */
export interface Admission {
  /** Names of the limits of which it holds a slot. */
  readonly limits: readonly string[];
  readonly waitedMs: number;
  /** Its expected place in the queue when it came; 0 if it did not wait. */
  readonly position: number;
}

export const admissionValue = requestValue<Admission>("@aivillage/admission.admission");

/** How the last `admission()` admitted this request; `undefined` if none has, or no limit applied. */
export function getAdmission(req: IncomingMessage): Admission | undefined {
  return admissionValue.get(req);
}
