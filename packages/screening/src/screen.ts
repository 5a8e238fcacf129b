import { Effort } from "./budget.ts";
import { recogniseCommands } from "./cmdi/detect-commands.ts";
import { base64Values } from "./decode/base64-values.ts";
import { decodeOnce } from "./decode/decode.ts";
import { spacedWords } from "./decode/spaced-words.ts";
import { xmlValues } from "./decode/xml-values.ts";
import { recogniseNoSql } from "./detectors/nosql.ts";
import { recogniseDirectives } from "./detectors/ssi.ts";
import { recogniseTemplates } from "./detectors/ssti.ts";
import { isPlainId, recogniseSyntax } from "./detectors/strict-syntax.ts";
import { recogniseTraversal } from "./detectors/traversal.ts";
import { recogniseXml } from "./detectors/xxe.ts";
import { Findings } from "./finding-set.ts";
import { type AttackClass, certain, type Finding, Hits } from "./finding.ts";
import { findForms, isOverfull, isPlain, readTraits, signsOfText } from "./scan/first-pass.ts";
import { findPartForms } from "./signatures/part-signatures.ts";
import { recogniseSql } from "./sqli/detect-sql.ts";
import { Trait } from "./text/trait.ts";
import { recogniseMarkup } from "./xss/detect-markup.ts";

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

interface Recogniser {
  readonly class: AttackClass;
  /** Without one of these traits in the text, there is nothing to find. */
  readonly needs: number;
  readonly recognise: (text: string, hits: Hits, signs: Int32Array, traits: number) => void;
}

const recognisers: readonly Recogniser[] = [
  { class: "sqli", needs: Trait.quote | Trait.comparison | Trait.call | Trait.comment | Trait.sqlWord, recognise: recogniseSql },
  { class: "xss", needs: Trait.angle | Trait.quote | Trait.scriptWord | Trait.comparison | Trait.sign, recognise: recogniseMarkup },
  {
    class: "cmdi",
    needs: Trait.shell | Trait.angle | Trait.semicolon | Trait.newline | Trait.backtick,
    recognise: recogniseCommands,
  },
  { class: "traversal", needs: Trait.dots, recognise: recogniseTraversal },
  { class: "ssti", needs: Trait.brace | Trait.angle | Trait.comment, recognise: recogniseTemplates },
  { class: "nosql", needs: Trait.quote, recognise: recogniseNoSql },
  { class: "xxe", needs: Trait.angle, recognise: recogniseXml },
  { class: "ssi", needs: Trait.angle | Trait.brace, recognise: recogniseDirectives },
];

const thresholds: Readonly<Record<"strict" | "prose", number>> = { strict: 4, prose: 7 };
const maxBase64 = 2_000;
const maxLayers = 4;
/** The effort of a value inside the text that is screened by itself, at the least. */
const perValue = 8;
const encodings = Trait.percent | Trait.entity | Trait.backslash | Trait.wide;
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
  const traits = readTraits(text);
  if (isPlain(traits) && (profile !== "strict" || (isPlainId(text) && base64Values(text).length === 0))) return nothing;
  const findings = new Findings(threshold ?? thresholds[profile], profile === "prose");
  const effort = new Effort(text.length);
  screenLayers(text, traits, findings, effort);
  if (profile === "strict") screenSyntax(text, findings, effort);
  return findings.list();
}

/**
 * The text, and what it becomes when its encodings are undone; a step never makes it longer, so that the work is linear. It ends
 * where a layer has too many signs to be read, or the effort is spent.
 */
function screenLayers(text: string, traits: number, findings: Findings, effort: Effort): void {
  collect(text, traits, findings, effort);
  const values = (traits & Trait.angle) === 0 ? [] : xmlValues(text);
  let layer = text;
  let layerTraits = traits;
  findings.hideIn(text.length);
  for (let count = 0; count < maxLayers && (layerTraits & encodings) !== 0 && !isOverfull() && !effort.isSpent; count += 1) {
    const decoded = decodeOnce(layer, (layerTraits & Trait.wide) !== 0);
    if (decoded === undefined) break;
    layer = decoded.text;
    if (!decoded.isWhole) findings.add("syntax", "too-many-signs", certain, 0, text.length);
    layerTraits = readTraits(layer);
    collect(layer, layerTraits, findings, effort);
    if ((layerTraits & Trait.angle) !== 0) values.push(...xmlValues(layer));
  }
  if ((layerTraits & Trait.plus) !== 0 && !isOverfull() && !effort.isSpent) {
    const spaced = spacedWords(layer);
    collect(spaced, readTraits(spaced), findings, effort);
  }
  if (text.length <= maxBase64) values.push(...base64Values(text));
  if (values.length === 0) return;
  const strict = findings.asStrict(thresholds.strict);
  for (const value of values) if (effort.spend(perValue)) screenLayers(value, readTraits(value), strict, effort);
}

/** Everything in one layer; forms first, for their places are those of the last text that was read. */
function collect(text: string, traits: number, findings: Findings, effort: Effort): void {
  findings.read(text);
  if (isOverfull()) return findings.add("syntax", "too-many-signs", certain, 0, text.length);
  if ((traits & Trait.forms) !== 0) findForms(text, findings, effort);
  findPartForms(text, traits, findings);
  const signs = signsOfText();
  for (const { class: attackClass, needs, recognise } of recognisers) {
    if ((needs & traits) === 0) continue;
    const hits = new Hits(effort);
    recognise(text, hits, signs, traits);
    findings.addHits(attackClass, hits.list());
    if (effort.isSpent) break;
  }
}

function screenSyntax(text: string, findings: Findings, effort: Effort): void {
  const hits = new Hits(effort);
  recogniseSyntax(text, hits);
  findings.addHits("syntax", hits.list());
}
