import { recogniseBareSubstitution } from "./cmdi/bare-substitution.ts";
import { recogniseCommands } from "./cmdi/recognise-commands.ts";
import { recogniseBareCode, recogniseCode } from "./code-injection.ts";
import { type CodeSpans, codeSpans, isInCode, noSpans } from "./code-spans.ts";
import { decodedLayers } from "./decode.ts";
import { recogniseDirectives } from "./directives.ts";
import type { AttackClass, Finding, Hit } from "./finding.ts";
import { recogniseNoSql } from "./nosql.ts";
import { recogniseAddresses, recogniseBareAddress, recogniseHeaders, recogniseLdap, recognisePollution } from "./protocols.ts";
import { forgetText } from "./rule-table.ts";
import { recogniseSql } from "./sqli/recognise-sql.ts";
import { recogniseTemplates } from "./ssti.ts";
import { recogniseSyntax } from "./strict-syntax.ts";
import { Trait } from "./trait.ts";
import { traitsOf } from "./traits.ts";
import { recogniseTraversal } from "./traversal.ts";
import { xmlValues } from "./xml-values.ts";
import { recogniseMarkup } from "./xss/recognise-markup.ts";
import { recogniseXml } from "./xxe.ts";

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
  readonly recognise: (text: string) => readonly Hit[];
}

const recognisers: readonly Recogniser[] = [
  { class: "sqli", needs: Trait.quote | Trait.comparison | Trait.call | Trait.comment | Trait.sqlWord, recognise: recogniseSql },
  { class: "xss", needs: Trait.angle | Trait.quote | Trait.scriptWord | Trait.comparison | Trait.sign, recognise: recogniseMarkup },
  {
    class: "cmdi",
    needs: Trait.shell | Trait.angle | Trait.semicolon | Trait.newline | Trait.backtick | Trait.codeWord | Trait.brace | Trait.percent,
    recognise: recogniseCommands,
  },
  { class: "traversal", needs: Trait.slash | Trait.dots, recognise: recogniseTraversal },
  { class: "ssti", needs: Trait.brace | Trait.angle | Trait.call, recognise: recogniseTemplates },
  { class: "nosql", needs: Trait.dollar | Trait.quote | Trait.semicolon | Trait.brace, recognise: recogniseNoSql },
  {
    class: "code",
    needs: Trait.codeWord | Trait.serialised | Trait.dollar | Trait.at | Trait.quote | Trait.call,
    recognise: recogniseCode,
  },
  { class: "code", needs: Trait.codeWord | Trait.scriptWord | Trait.dollar | Trait.call, recognise: recogniseBareCode },
  { class: "ssrf", needs: Trait.addressWord | Trait.backslash, recognise: recogniseBareAddress },
  { class: "cmdi", needs: Trait.backtick, recognise: recogniseBareSubstitution },
  { class: "ssrf", needs: Trait.addressWord, recognise: recogniseAddresses },
  { class: "ldap", needs: Trait.call, recognise: recogniseLdap },
  { class: "http", needs: Trait.newline, recognise: recogniseHeaders },
  { class: "pollution", needs: Trait.prototypeWord, recognise: recognisePollution },
  { class: "xxe", needs: Trait.angle, recognise: recogniseXml },
  { class: "ssi", needs: Trait.angle | Trait.brace, recognise: recogniseDirectives },
];

const thresholds: Readonly<Record<"strict" | "prose", number>> = { strict: 4, prose: 7 };
/** From here on, marking something as code does not make it harmless. */
const certain = 8;
const codeDiscount = 2;
const nothing: readonly Finding[] = [];

/**
 * Finds the syntax of injections in a text, in time linear in its length.
 *
 * Percent, HTML-entity, backslash and full-width encodings are undone up to three times. A text of letters, digits and plain
 * punctuation passes after one look at each character.
 *
 * @returns the findings that count under the profile, none when the text passes
 */
export function screen(text: string, { profile, threshold }: ScreenOptions): readonly Finding[] {
  if (profile === "off") return nothing;
  const traits = traitsOf(text);
  if (traits === 0 && profile !== "strict") return nothing;
  const findings = new Map<string, Finding>();
  const limit = threshold ?? thresholds[profile];
  const marksCode = profile === "prose";
  screenLayers(text, traits, (layer, layerTraits) => {
    collect(findings, layer, layerTraits, limit, marksCode, layer === text ? undefined : text.length);
    for (const value of (layerTraits & Trait.angle) === 0 ? [] : xmlValues(layer)) {
      screenLayers(value, traitsOf(value), (part, partTraits) =>
        collect(findings, part, partTraits, thresholds.strict, false, text.length),
      );
    }
  });
  if (profile === "strict") addHits(findings, "syntax", recogniseSyntax(text), limit, noSpans, undefined);
  forgetText();
  return [...findings.values()];
}

function screenLayers(text: string, traits: number, visit: (layer: string, traits: number) => void): void {
  visit(text, traits);
  for (const layer of decodedLayers(text, traits)) visit(layer, traitsOf(layer));
}

function collect(
  findings: Map<string, Finding>,
  text: string,
  traits: number,
  threshold: number,
  marksCode: boolean,
  whole: number | undefined,
): void {
  const spans = marksCode ? codeSpans(text) : noSpans;
  for (const { class: attackClass, needs, recognise } of recognisers) {
    if ((needs & traits) !== 0) addHits(findings, attackClass, recognise(text), threshold, spans, whole);
  }
}

function addHits(
  findings: Map<string, Finding>,
  attackClass: AttackClass,
  hits: readonly Hit[],
  threshold: number,
  spans: CodeSpans,
  whole: number | undefined,
): void {
  for (const { rule, score, start, end } of hits) {
    const name = `${attackClass}/${rule}`;
    const weighed = score < certain && isInCode(spans, start) ? score - codeDiscount : score;
    if (weighed < threshold || findings.has(name)) continue;
    findings.set(name, { class: attackClass, rule, score: weighed, span: whole === undefined ? [start, end] : [0, whole] });
  }
}
