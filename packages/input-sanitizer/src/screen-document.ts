import type { IncomingMessage } from "node:http";

import type { KeywordMarks } from "./compile-schema.ts";
import { inputFlagged, inputRefused } from "./events.ts";
import type { InputFinding } from "./input.ts";
import { type InputLocation, type Place, placeOf } from "./place.ts";
import { type Fault, maxFaults, refusedInput } from "./problems.ts";
import type { Screening } from "./screening-options.ts";
import { describeClass, type Finding } from "./screening/finding.ts";
import { screen } from "./screening/screen.ts";
import { type DocumentText, pathTo } from "./walk-document.ts";

/** Screens the texts of a document, each by its profile; keys and texts without one are strict, but keys may have any sign. At most 20 findings are kept. */
export function screenTexts(
  texts: readonly DocumentText[],
  marks: KeywordMarks,
  location: InputLocation,
  screening: Screening,
): InputFinding[] {
  const found: InputFinding[] = [];
  for (const { text, holder, key, isKey } of texts) {
    const profile = isKey ? "strict" : (marks.screen.get(holder?.value, key) ?? "strict");
    if (profile === "off") continue;
    const findings = screen(text, { profile, threshold: screening.thresholds[profile] });
    if (findings.length === 0) continue;
    const place = placeOf(location, pathTo(holder, key));
    for (const finding of findings) {
      if ((isKey && finding.class === "syntax") || !counts(finding, place, screening)) continue;
      found.push({ ...finding, location, ...place });
    }
    if (found.length >= maxFaults) break;
  }
  return found.slice(0, maxFaults);
}

/** The class is not off, and no exclusion names the rule here or everywhere. */
function counts({ class: attackClass, rule }: Finding, place: Place, { outcomes, excluded }: Screening): boolean {
  if (outcomes[attackClass] === "off") return false;
  if (excluded.size === 0) return true;
  const at = "pointer" in place ? place.pointer : "header" in place ? place.header : place.parameter;
  const names = [`${attackClass}/${rule}`, `${attackClass}/*`];
  return !names.some((name) => excluded.has(name) || excluded.has(`${name} ${at}`));
}

/**
 * Tells the listeners, and refuses if a finding is of a class that refuses and it is no dry run.
 *
 * @returns the findings that pass
 * @throws HttpProblem 422 with class, rule and place of each finding, never the text
 */
export function actOnFindings(
  req: IncomingMessage,
  location: InputLocation,
  findings: readonly InputFinding[],
  { dryRun, outcomes }: Screening,
): readonly InputFinding[] {
  if (findings.length === 0) return findings;
  const refuses = !dryRun && findings.some((finding) => outcomes[finding.class] === "refuse");
  const told = refuses ? inputRefused : inputFlagged;
  if (told.heard) told.publish({ req, location, findings });
  if (refuses) throw refusedInput(findings.filter((finding) => outcomes[finding.class] === "refuse").map(toFault));
  return findings;
}

function toFault(finding: InputFinding): Fault {
  return { detail: `looks like ${describeClass(finding.class)}`, rule: `${finding.class}/${finding.rule}`, ...toPlace(finding) };
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
