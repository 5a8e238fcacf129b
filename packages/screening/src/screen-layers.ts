import { allDetectors } from "./all-detectors.ts";
import type { Budget } from "./budget.ts";
import { base64Values } from "./decode/base64-values.ts";
import { decodeOnce } from "./decode/decode.ts";
import { spacedWords } from "./decode/spaced-words.ts";
import { xmlValues } from "./decode/xml-values.ts";
import type { EvidenceSet } from "./evidence-set.ts";
import { MatchSet } from "./match-set.ts";
import type { TextScan } from "./scan/text-scan.ts";
import { Score } from "./score.ts";
import { findPartSignatures } from "./signatures/part-signatures.ts";
import { Trait } from "./text/trait.ts";

const maxBase64 = 2_000;
const maxLayers = 4;
/** The budget of a value inside the text that is screened by itself, at the least. */
const perValue = 8;
const encodings = Trait.percent | Trait.entity | Trait.backslash | Trait.wide;

/**
 * Screens the text that was scanned last, and what it becomes when its encodings are undone; a step never makes it longer, so that
 * the work is linear. It ends where a layer has too many signs to be read, or the budget is spent.
 */
export function screenLayers(scan: TextScan, evidence: EvidenceSet, budget: Budget): void {
  const { text, traits } = scan;
  screenLayer(scan, evidence, budget);
  const values = (traits & Trait.angle) === 0 ? [] : xmlValues(text);
  evidence.hideIn(text.length);
  for (let count = 0; count < maxLayers && (scan.traits & encodings) !== 0 && goesOn(scan, budget); count += 1) {
    const decoded = decodeOnce(scan.text, scan.chars, (scan.traits & Trait.wide) !== 0);
    if (decoded === undefined) break;
    if (!decoded.isWhole) evidence.add("syntax", "too-many-signs", Score.certain, 0, text.length);
    screenLayer(scan.read(decoded.text), evidence, budget);
    if ((scan.traits & Trait.angle) !== 0) values.push(...xmlValues(decoded.text));
  }
  if ((scan.traits & Trait.plus) !== 0 && goesOn(scan, budget)) screenLayer(scan.read(spacedWords(scan.text)), evidence, budget);
  if (text.length <= maxBase64) values.push(...base64Values(text));
  if (values.length > 0) screenValues(values, scan, evidence.asStrict(Score.weak), budget);
}

function goesOn(scan: TextScan, budget: Budget): boolean {
  return !scan.isOverfull && !budget.isSpent;
}

/** Values inside the text are separate fields to their readers. */
function screenValues(values: readonly string[], scan: TextScan, evidence: EvidenceSet, budget: Budget): void {
  for (const value of values) if (budget.spend(perValue)) screenLayers(scan.read(value), evidence, budget);
}

/** Runs the signatures and detectors that have anything to look at in one layer. */
function screenLayer(scan: TextScan, evidence: EvidenceSet, budget: Budget): void {
  const { text, traits } = scan;
  evidence.read(text);
  if (scan.isOverfull) return evidence.add("syntax", "too-many-signs", Score.certain, 0, text.length);
  if ((traits & Trait.signatures) !== 0) scan.candidates.tryAll(text, evidence, budget);
  findPartSignatures(text, traits, evidence);
  for (const { class: attackClass, needs, detect } of allDetectors) {
    if ((needs & traits) === 0) continue;
    const matches = new MatchSet(budget);
    detect(scan, matches);
    evidence.addMatches(attackClass, matches.list());
    if (budget.isSpent) break;
  }
}
