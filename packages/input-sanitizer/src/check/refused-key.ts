import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import { inputRefused } from "../events.ts";
import type { InputFinding } from "../input/input.ts";
import type { InputLocation, ValueLocation } from "../problems/location.ts";

/** Notifies the listeners when the error is a key that is refused by its name alone; it counts as a finding. */
export function reportForbiddenKey(req: IncomingMessage, location: InputLocation, error: unknown): void {
  if (!inputRefused.hasSubscribers || !(error instanceof HttpProblem) || error.type !== "forbidden-key") return;
  const errors = error.extensions["errors"] as readonly ValueLocation[];
  inputRefused.publish({ req, location, findings: errors.map((at) => keyFinding(location, at, "block")), isCertain: true });
}

export function keyFinding(location: InputLocation, at: ValueLocation, outcome: InputFinding["outcome"]): InputFinding {
  const judged = { score: 10, span: [0, 0], confidence: 1, basis: "evidence" } as const;
  return { class: "pollution", rule: "forbidden-key", ...judged, outcome, location, ...locationOnly(at) };
}

function locationOnly(at: ValueLocation): ValueLocation {
  if ("pointer" in at) return { pointer: at.pointer };
  return "header" in at ? { header: at.header } : { parameter: at.parameter };
}
