import type { Finding } from "./report.ts";

/** What a probe found, and when. */
export interface ProbeResult {
  readonly finding: Finding;
  /** When the probe ended, as `Date.now()` of the process that sent it: all processes report the same time. */
  readonly foundAt: number;
  /** How long ago the probe ended, in milliseconds. */
  readonly ageMs: number;
}

export const foundNow = (finding: Finding): ProbeResult => ({ finding, foundAt: Date.now(), ageMs: 0 });
