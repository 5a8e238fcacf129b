import type { ProbeTarget } from "./services.ts";

/** How long the result of a background probe counts: two probes may be missed, and a third may take its whole time. */
export function staleAfterMs({ intervalMs, timeoutMs }: Pick<ProbeTarget, "intervalMs" | "timeoutMs">): number {
  return 3 * intervalMs + timeoutMs;
}
