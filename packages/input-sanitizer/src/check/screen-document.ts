import type { IncomingMessage } from "node:http";

import { describeClass, type Finding, screen } from "@aivillage/screening";

import { inputFlagged, inputRefused } from "../events.ts";
import type { InputFinding } from "../input/input.ts";
import type { Screening } from "../options/screening-options.ts";
import { type InputLocation, type ValueLocation, locationOf } from "../problems/location.ts";
import { type ErrorDetail, maxErrors, refusedInput } from "../problems/problems.ts";
import type { KeywordMarks } from "../schema/keyword-marks.ts";
import { type DocumentText, pathTo } from "./walk-document.ts";

/**
 * Screens the texts of a document, each by its profile; keys and texts without one are strict, but keys may have any sign.
 * At most 20 findings are kept, those that refuse before those that pass.
 */
type TextScreen = (texts: readonly DocumentText[], marks: KeywordMarks) => readonly InputFinding[];

const nothing: readonly InputFinding[] = [];

export function makeTextScreen(location: InputLocation, screening: Screening): TextScreen {
  const { thresholds } = screening;
  const options = {
    strict: { profile: "strict", threshold: thresholds.strict },
    prose: { profile: "prose", threshold: thresholds.prose },
  } as const;

  return function screenTexts(texts, marks) {
    let kept: InputFindingSet | undefined;
    for (const each of texts) {
      const profile = each.isKey ? "strict" : (marks.screen.get(each.holder?.value, each.key) ?? "strict");
      if (profile === "off") continue;
      const findings = screen(each.text, options[profile]);
      if (findings.length === 0) continue;
      kept ??= new InputFindingSet(location, screening);
      kept.add(each, findings);
      if (kept.isFull) break;
    }
    return kept?.list() ?? nothing;
  };
}

/** Findings that pass, however many, must not keep the screening from one that refuses. */
class InputFindingSet {
  readonly #refusing: InputFinding[] = [];
  readonly #passing: InputFinding[] = [];
  readonly #location: InputLocation;
  readonly #screening: Screening;

  constructor(location: InputLocation, screening: Screening) {
    this.#location = location;
    this.#screening = screening;
  }

  get isFull(): boolean {
    return this.#refusing.length >= maxErrors;
  }

  add({ holder, key, isKey }: DocumentText, findings: readonly Finding[]): void {
    const location = locationOf(this.#location, pathTo(holder, key));
    for (const finding of findings) {
      if ((isKey && finding.class === "syntax") || !counts(finding, location, this.#screening)) continue;
      const list = this.#screening.outcomes[finding.class] === "refuse" ? this.#refusing : this.#passing;
      if (list.length < maxErrors) list.push({ ...finding, location: this.#location, ...location });
    }
  }

  list(): readonly InputFinding[] {
    return [...this.#refusing, ...this.#passing].slice(0, maxErrors);
  }
}

/** The class is not off, and no exclusion names the rule here or everywhere. */
function counts({ class: attackClass, rule }: Finding, location: ValueLocation, { outcomes, excluded }: Screening): boolean {
  if (outcomes[attackClass] === "off") return false;
  if (excluded.size === 0) return true;
  const at = "pointer" in location ? location.pointer : "header" in location ? location.header : location.parameter;
  const names = [`${attackClass}/${rule}`, `${attackClass}/*`];
  return !names.some((name) => excluded.has(name) || excluded.has(`${name} ${at}`));
}

/**
 * Tells the listeners, and refuses if a finding is of a class that refuses and it is no dry run.
 *
 * @returns the findings that pass
 * @throws HttpProblem 422 with class, rule and location of each finding, never the text
 */
export function actOnFindings(
  req: IncomingMessage,
  location: InputLocation,
  findings: readonly InputFinding[],
  { dryRun, outcomes }: Screening,
): readonly InputFinding[] {
  if (findings.length === 0) return findings;
  const refuses = !dryRun && findings.some((finding) => outcomes[finding.class] === "refuse");
  const event = refuses ? inputRefused : inputFlagged;
  if (event.heard) event.publish({ req, location, findings });
  if (refuses) throw refusedInput(findings.filter((finding) => outcomes[finding.class] === "refuse").map(toErrorDetail));
  return findings;
}

function toErrorDetail(finding: InputFinding): ErrorDetail {
  return { detail: `looks like ${describeClass(finding.class)}`, rule: `${finding.class}/${finding.rule}`, ...toPlace(finding) };
}

function toPlace({ pointer = "#", parameter, header }: InputFinding): ValueLocation {
  if (parameter !== undefined) return { parameter };
  return header === undefined ? { pointer } : { header };
}
