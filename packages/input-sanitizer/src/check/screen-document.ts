import { type Finding, screen, type ScreenOptions } from "@aivillage/screening";

import type { InputFinding } from "../input/input.ts";
import { isExcluded } from "../options/exclusions.ts";
import type { Screening } from "../options/screening-options.ts";
import { type InputLocation, locationOf } from "../problems/location.ts";
import { maxErrors } from "../problems/problems.ts";
import type { KeywordMarks } from "../schema/keyword-marks.ts";
import { ScreenScopes } from "./screen-scopes.ts";
import { type DocumentText, pathTo } from "./walk-document.ts";

/**
 * Screens the texts of a document, each by its profile; keys and texts without one are strict, but keys may have any sign.
 * At most 20 findings are kept, those that block before those that are flagged.
 */
export type TextScreen = (texts: readonly DocumentText[], marks: KeywordMarks) => readonly InputFinding[];

const nothing: readonly InputFinding[] = [];

export function makeTextScreen(location: InputLocation, screening: Screening): TextScreen {
  const { strict, prose, model } = screening.thresholds;
  const options: Readonly<Record<"strict" | "prose" | "model", ScreenOptions>> = {
    strict: { profile: "strict", threshold: strict },
    prose: { profile: "prose", threshold: prose },
    model: { profile: "model", threshold: model },
  };

  return function screenTexts(texts, marks) {
    const scopes = new ScreenScopes(marks);
    let kept: InputFindingSet | undefined;
    for (const each of texts) {
      const { profile, refuses } = scopes.of(each);
      if (profile === "off") continue;
      const findings = screen(each.text, options[profile]);
      if (findings.length === 0) continue;
      kept ??= new InputFindingSet(location, screening);
      kept.add(each, findings, refuses);
      if (kept.isFull) break;
    }
    return kept?.list() ?? nothing;
  };
}

/** Findings that pass, however many, must not keep the screening from one that blocks. */
class InputFindingSet {
  readonly #blocking: InputFinding[] = [];
  readonly #flagged: InputFinding[] = [];
  readonly #location: InputLocation;
  readonly #screening: Screening;

  constructor(location: InputLocation, screening: Screening) {
    this.#location = location;
    this.#screening = screening;
  }

  get isFull(): boolean {
    return this.#blocking.length >= maxErrors;
  }

  add({ holder, key, isKey }: DocumentText, findings: readonly Finding[], refuses: boolean): void {
    const { outcomes, exclusions } = this.#screening;
    const location = locationOf(this.#location, pathTo(holder, key));
    for (const finding of findings) {
      const outcome = outcomes[finding.class];
      if (outcome === "off" || (isKey && finding.class === "syntax")) continue;
      if (isExcluded(exclusions, finding.class, finding.rule, location)) continue;
      const blocks = refuses && outcome === "block" && finding.outcome === "block";
      const list = blocks ? this.#blocking : this.#flagged;
      if (list.length < maxErrors) list.push({ ...finding, outcome: blocks ? "block" : "flag", location: this.#location, ...location });
    }
  }

  list(): readonly InputFinding[] {
    return [...this.#blocking, ...this.#flagged].slice(0, maxErrors);
  }
}
