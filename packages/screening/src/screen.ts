import { Budget } from "./budget.ts";
import { base64Values } from "./decode/base64-values.ts";
import { detectSyntax, isPlainId } from "./detectors/strict-syntax.ts";
import { EvidenceSet } from "./evidence-set.ts";
import type { Evidence } from "./evidence.ts";
import type { AttackClass, Finding } from "./finding.ts";
import { accept, judge as judgeEvidence } from "./judgement/judge.ts";
import { MatchSet } from "./match-set.ts";
import { readScreenOptions, type ScreenOptions, shown } from "./options.ts";
import { withScan } from "./scan/scan-pool.ts";
import { Score } from "./score.ts";
import { screenLayers } from "./screen-layers.ts";
import { withoutDataUrls } from "./text/data-urls.ts";

const thresholds = { strict: Score.weak, prose: Score.likely, model: Score.likely } as const;
const nothing: readonly Finding[] = [];

/**
 * Finds the syntax of injections in a text, in time linear in its length.
 *
 * Percent, HTML-entity, backslash and full-width encodings are undone up to four times. A text of letters, digits and plain
 * punctuation passes after one look at each character. Pictures and other data in `data:` URLs are not looked at.
 *
 * @returns the findings that count under the profile, none when the text passes
 * @throws TypeError for a text that is no string, and for unknown or bad options
 */
export function screen(text: string, options: ScreenOptions): readonly Finding[] {
  const { profile, threshold, judge } = readScreenOptions(options);
  if (typeof text !== "string") throw new TypeError(`@aivillage/screening: the text must be a string, got ${shown(text)}`);
  if (profile === "off") return nothing;
  const least = threshold ?? thresholds[profile];
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
