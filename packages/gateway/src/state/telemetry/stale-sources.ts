import { createGauge, type Registry } from "@aivillage/metrics";

import type { NoteSource } from "../note-source.ts";

/**
 * Shows which sources have changed to what is refused: what they held before stays in force, so a gateway in which, for example, no
 * revocation takes effect looks well from outside.
 */
export function staleSources(registry: Registry): NoteSource {
  const stale = createGauge({
    name: "gateway_source_stale",
    help: "1 while a source cannot be used as it is now and what it held before stays in force, else 0.",
    labelNames: ["source"],
    aggregator: "max",
    registry,
  });
  const note: NoteSource = (source, isStale) => stale.set([source], isStale ? 1 : 0);
  note("configuration", false);
  return note;
}
