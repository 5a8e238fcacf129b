import type { IncomingMessage } from "node:http";

import type { ScreenMarks } from "./compile-schema.ts";
import { inputFlagged, inputRefused } from "./events.ts";
import type { InputFinding } from "./input.ts";
import type { ScreeningOptions } from "./options.ts";
import { type InputLocation, type Place, placeOf } from "./place.ts";
import { type Fault, maxFaults, refusedInput } from "./problems.ts";
import { describeClass, type Finding } from "./screening/finding.ts";
import { screen } from "./screening/screen.ts";
import { type DocumentText, pathTo } from "./walk-document.ts";

export type Screening = Readonly<Required<ScreeningOptions>>;

/** Screens the texts of a document, each by its profile; keys and texts without one are strict. At most 20 findings are kept. */
export function screenTexts(texts: readonly DocumentText[], marks: ScreenMarks, location: InputLocation, { classes }: Screening) {
  const found: InputFinding[] = [];
  for (const { text, holder, key, isKey } of texts) {
    const profile = isKey ? "strict" : (marks.get(holder?.value, key) ?? "strict");
    const findings = screen(text, { profile });
    if (findings.length === 0) continue;
    const place = placeOf(location, pathTo(holder, key));
    for (const finding of findings) if (classes.includes(finding.class)) found.push({ ...finding, location, ...place });
    if (found.length >= maxFaults) break;
  }
  return found.slice(0, maxFaults);
}

/**
 * Tells the listeners and refuses, or with `dryRun` lets pass.
 *
 * @throws HttpProblem 422 with class, rule and place of each finding, never the text
 */
export function actOnFindings(req: IncomingMessage, location: InputLocation, findings: readonly InputFinding[], dryRun: boolean): void {
  if (findings.length === 0) return;
  const told = dryRun ? inputFlagged : inputRefused;
  if (told.heard) told.publish({ req, location, findings });
  if (!dryRun) throw refusedInput(findings.map(toFault));
}

function toFault(finding: InputFinding): Fault {
  return { detail: `looks like ${describeClass(finding.class)}`, rule: finding.rule, ...toPlace(finding) };
}

function toPlace({ pointer = "#", parameter, header }: InputFinding): Place {
  if (parameter !== undefined) return { parameter };
  return header === undefined ? { pointer } : { header };
}

/** A key that is refused by its name alone is told like a finding. */
export function keyFinding(location: InputLocation, place: Place): InputFinding {
  const finding: Finding = { class: "pollution", rule: "forbidden-key", score: 10, span: [0, 0] };
  return { ...finding, location, ...place };
}
