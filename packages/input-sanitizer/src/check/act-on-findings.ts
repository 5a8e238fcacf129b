import type { IncomingMessage } from "node:http";

import { describeClass } from "@aivillage/screening";

import { inputFlagged, inputRefused } from "../events.ts";
import type { InputFinding } from "../input/input.ts";
import type { Screening } from "../options/screening-options.ts";
import type { InputLocation, ValueLocation } from "../problems/location.ts";
import { type RefusalDetail, refusedInput } from "../problems/problems.ts";

/**
 * Notifies the listeners, and refuses if a finding blocks and the mode is not `flag`.
 *
 * @returns the findings that pass
 * @throws HttpProblem 422 with class, rule and location of each finding, never the text
 */
export function actOnFindings(
  req: IncomingMessage,
  location: InputLocation,
  findings: readonly InputFinding[],
  { mode }: Screening,
): readonly InputFinding[] {
  if (findings.length === 0) return findings;
  const blocking = findings.filter(({ outcome }) => outcome === "block");
  const refuses = mode === "block" && blocking.length > 0;
  const event = refuses ? inputRefused : inputFlagged;
  if (event.hasSubscribers) event.publish({ req, location, findings, isCertain: blocking.some(isCertain) });
  if (refuses) throw refusedInput(blocking.map(toErrorDetail));
  return findings;
}

/** From which confidence a finding is beyond doubt: rule and model agree, or the rule alone is nearly at its highest score. */
const certainty = { both: 0.98, evidence: 0.9, judgement: Infinity } as const;

function isCertain({ confidence, basis }: InputFinding): boolean {
  return confidence >= certainty[basis];
}

function toErrorDetail(finding: InputFinding): RefusalDetail {
  const { class: attackClass, rule, span } = finding;
  const [offset, end] = span;
  return {
    detail: `looks like ${describeClass(attackClass)}`,
    rule: `${attackClass}/${rule}`,
    ...toLocation(finding),
    offset,
    length: end - offset,
  };
}

function toLocation({ pointer = "#", parameter, header }: InputFinding): ValueLocation {
  if (parameter !== undefined) return { parameter };
  return header === undefined ? { pointer } : { header };
}
