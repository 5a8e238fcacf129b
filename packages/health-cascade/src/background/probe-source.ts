import type { ProbeResult } from "../probe-result.ts";
import type { ProbeTarget } from "../services.ts";

export type OnProbe = (result: ProbeResult) => void;

/** Sends probes again and again to the targets that are followed. */
export interface ProbeSource {
  /**
   * Calls `onProbe` with each result, and with the last one that is known already.
   *
   * @returns the function that ends it
   */
  follow(target: ProbeTarget, onProbe: OnProbe): () => void;
}
