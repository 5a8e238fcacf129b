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

export const waitingValue = requestValue<boolean>("@aivillage/admission.waiting");

/** Whether the request waits for a slot, or has left without one: nothing after `admission()` has seen it. */
export function isWaiting(req: IncomingMessage): boolean {
  return waitingValue.get(req) === true;
}

/** How the last `admission()` admitted this request; `undefined` if none has, or no limit applied. */
export function getAdmission(req: IncomingMessage): Admission | undefined {
  return admissionValue.get(req);
}
