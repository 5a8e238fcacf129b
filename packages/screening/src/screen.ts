import { Budget } from "./budget.ts";
import { base64Values } from "./decode/base64-values.ts";
import { detectSyntax, isPlainId } from "./detectors/strict-syntax.ts";
import { EvidenceSet } from "./evidence-set.ts";
import type { Evidence } from "./evidence.ts";
import type { AttackClass, Finding } from "./finding.ts";
import { accept, judge as judgeEvidence } from "./judgement/judge.ts";
import { MatchSet } from "./match-set.ts";
import { withScan } from "./scan/scan-pool.ts";
import { Score } from "./score.ts";
import { screenLayers } from "./screen-layers.ts";
import { withoutDataUrls } from "./text/data-urls.ts";

/** From the strictest to none: short technical fields, text that people write, text that only a model reads, nothing at all. */
export const screenProfiles = ["strict", "prose", "model", "off"] as const;

/**
 * `strict` is for identifiers, paths and other short fields: any sign of an attack counts. `prose` is for what people write:
 * questions about SQL, HTML or a shell pass, and what breaks out of a data context counts. `model` finds the same in text that only
 * a language model reads, such as files and results of tools, but only flags what does not attack the HTTP stack itself. `off` finds
 * nothing.
 */
export type ScreenProfile = (typeof screenProfiles)[number];

/** Options of `screen()`. */
export interface ScreenOptions {
  /** Which findings count. */
  profile: ScreenProfile;
  /** The score from 1 to 10 from which a finding counts. Default: strict 4, prose and model 7. */
  threshold?: number;
  /** Whether a trained model judges what the detectors found in prose. Default: true. */
  judge?: boolean;
}

const thresholds = { strict: Score.weak, prose: Score.likely, model: Score.likely } as const;
const nothing: readonly Finding[] = [];

/**
 * Finds the syntax of injections in a text, in time linear in its length.
 *
 * Percent, HTML-entity, backslash and full-width encodings are undone up to four times. A text of letters, digits and plain
 * punctuation passes after one look at each character. Pictures and other data in `data:` URLs are not looked at.
 *
 * @returns the findings that count under the profile, none when the text passes
 * @throws TypeError for an unknown profile and for a threshold that is not a number from 1 to 10
 */
export function screen(text: string, { profile, threshold, judge = true }: ScreenOptions): readonly Finding[] {
  if (profile === "off") return nothing;
  // A misspelt option would let every attack pass.
  if (profile !== "strict" && profile !== "prose" && profile !== "model")
    throw badOption("profile", `one of ${screenProfiles.join(", ")}`, profile);
  const least = threshold ?? thresholds[profile];
  if (!(least >= 1 && least <= 10)) throw badOption("threshold", "a number from 1 to 10", threshold);
  const syntax = withoutDataUrls(text);
  const evidence = gatherEvidence(syntax, profile === "model" ? "prose" : profile, least);
  if (evidence === undefined) return nothing;
  const judged = judge && profile !== "strict" ? judgeEvidence(evidence, syntax) : accept(evidence);
  // Callers that raise the threshold don't want what the judgement raises either.
  const findings = least > thresholds[profile] ? judged.filter(({ score }) => score >= least) : judged;
  return profile === "model" ? findings.map((each) => (harmsOwnStack(each) ? each : { ...each, outcome: "flag" })) : findings;
}

const ownStack: ReadonlySet<AttackClass> = new Set(["http", "pollution", "code"]);

/** Whether something can harm the HTTP stack in front of a model. */
export function harmsOwnStack({ class: attackClass, score }: Pick<Finding, "class" | "score">): boolean {
  return ownStack.has(attackClass) && score >= Score.proven;
}

function badOption(name: string, expected: string, value: unknown): TypeError {
  const given = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new TypeError(`@aivillage/screening: option \`${name}\` must be ${expected}, got ${given}`);
}

/**
 * What the detectors see in a text: under `prose` also what does not count, which is what the judgement needs.
 *
 * @returns undefined for a text without a sign of any attack
 */
export function gatherEvidence(
  text: string,
  profile: "strict" | "prose",
  threshold: number = thresholds[profile],
): readonly Evidence[] | undefined {
  return withScan((scan) => {
    scan.read(text);
    if (scan.isPlain && (profile === "prose" || (isPlainId(text) && base64Values(text).length === 0))) return undefined;
    const least = profile === "prose" ? Math.min(Score.least, threshold) : threshold;
    const evidence = new EvidenceSet(threshold, least, profile === "prose");
    // Made before the layers, in which positions are not those of the text.
    const ofText = evidence.asStrict(threshold);
    const budget = new Budget(text.length);
    const { isWordy } = scan;
    screenLayers(scan, evidence, budget);
    if (profile === "strict") screenSyntax(text, ofText, budget);
    const found = evidence.list();
    return isWordy && found.length === 0 ? undefined : found;
  });
}

function screenSyntax(text: string, evidence: EvidenceSet, budget: Budget): void {
  const matches = new MatchSet(budget);
  detectSyntax(text, matches);
  evidence.addMatches("syntax", matches.list());
}
