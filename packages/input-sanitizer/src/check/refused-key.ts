import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";
import type { Finding } from "@aivillage/screening";

import { inputRefused } from "../events.ts";
import type { InputFinding } from "../input/input.ts";
import type { InputLocation, Place } from "../problems/location.ts";

/** Tells the listeners when the error is a key that is refused by its name alone; it counts as a finding. */
export function tellForbiddenKey(req: IncomingMessage, location: InputLocation, error: unknown): void {
  if (!inputRefused.heard || !(error instanceof HttpProblem) || error.type !== "forbidden-key") return;
  const faults = error.extensions["errors"] as readonly Place[];
  inputRefused.publish({ req, location, findings: faults.map((fault) => keyFinding(location, fault)) });
}

function keyFinding(location: InputLocation, fault: Place): InputFinding {
  const finding: Finding = { class: "pollution", rule: "forbidden-key", score: 10, span: [0, 0] };
  return { ...finding, location, ...placeOnly(fault) };
}

function placeOnly(fault: Place): Place {
  if ("pointer" in fault) return { pointer: fault.pointer };
  return "header" in fault ? { header: fault.header } : { parameter: fault.parameter };
}
