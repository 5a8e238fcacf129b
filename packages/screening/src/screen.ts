import { Budget } from "./budget.ts";
import { base64Values } from "./decode/base64-values.ts";
import { detectSyntax, isPlainId } from "./detectors/strict-syntax.ts";
import { FindingSet } from "./finding-set.ts";
import type { Finding } from "./finding.ts";
import { MatchSet } from "./match-set.ts";
import { withScan } from "./scan/scan-pool.ts";
import type { TextScan } from "./scan/text-scan.ts";
import { Score } from "./score.ts";
import { screenLayers } from "./screen-layers.ts";

/** From the strictest to none: short technical fields, text that people write, nothing at all. */
export const screenProfiles = ["strict", "prose", "off"] as const;

/**
 * `strict` is for identifiers, paths and other short fields: any sign of an attack counts. `prose` is for what people write:
 * questions about SQL, HTML or a shell pass, and what breaks out of a data context counts. `off` finds nothing.
 */
export type ScreenProfile = (typeof screenProfiles)[number];

/** Options of `screen()`. */
export interface ScreenOptions {
  /** Which findings count. */
  profile: ScreenProfile;
  /** The score from 1 to 10 from which a finding counts. Default: strict 4, prose 7. */
  threshold?: number;
}

const thresholds = { strict: Score.weak, prose: Score.likely } as const;
const nothing: readonly Finding[] = [];

/**
 * Finds the syntax of injections in a text, in time linear in its length.
 *
 * Percent, HTML-entity, backslash and full-width encodings are undone up to four times. A text of letters, digits and plain
 * punctuation passes after one look at each character.
 *
 * @returns the findings that count under the profile, none when the text passes
 */
export function screen(text: string, { profile, threshold }: ScreenOptions): readonly Finding[] {
  if (profile === "off") return nothing;
  return withScan((scan) => screenIn(scan.read(text), profile, threshold ?? thresholds[profile]));
}

function screenIn(scan: TextScan, profile: "strict" | "prose", threshold: number): readonly Finding[] {
  const { text } = scan;
  if (scan.isPlain && (profile === "prose" || (isPlainId(text) && base64Values(text).length === 0))) return nothing;
  const findings = new FindingSet(threshold, profile === "prose");
  const budget = new Budget(text.length);
  screenLayers(scan, findings, budget);
  if (profile === "strict") screenSyntax(text, findings, budget);
  return findings.list();
}

function screenSyntax(text: string, findings: FindingSet, budget: Budget): void {
  const matches = new MatchSet(budget);
  detectSyntax(text, matches);
  findings.addMatches("syntax", matches.list());
}
