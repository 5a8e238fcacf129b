import { recogniseCommands } from "./cmdi/recognise-commands.ts";
import { decodedLayers } from "./decode.ts";
import { recogniseDirectives } from "./directives.ts";
import type { AttackClass, Finding, Hit } from "./finding.ts";
import { recogniseNoSql } from "./nosql.ts";
import { recogniseSql } from "./sqli/recognise-sql.ts";
import { recogniseTemplates } from "./ssti.ts";
import { Trait, traitsOf } from "./traits.ts";
import { recogniseTraversal } from "./traversal.ts";
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
}

interface Recogniser {
  readonly class: AttackClass;
  /** Without one of these traits in the text, there is nothing to find. */
  readonly needs: number;
  readonly recognise: (text: string) => readonly Hit[];
}

const recognisers: readonly Recogniser[] = [
  {
    class: "sqli",
    needs: Trait.quote | Trait.comparison | Trait.call | Trait.semicolon | Trait.comment | Trait.sqlWord,
    recognise: recogniseSql,
  },
  { class: "xss", needs: Trait.angle | Trait.call | Trait.quote | Trait.scheme, recognise: recogniseMarkup },
  { class: "cmdi", needs: Trait.shell | Trait.semicolon | Trait.newline | Trait.backtick, recognise: recogniseCommands },
  { class: "traversal", needs: Trait.slash | Trait.encodedDot, recognise: recogniseTraversal },
  { class: "ssti", needs: Trait.brace | Trait.angle | Trait.call, recognise: recogniseTemplates },
  { class: "nosql", needs: Trait.dollar | Trait.quote | Trait.semicolon, recognise: recogniseNoSql },
  { class: "xxe", needs: Trait.angle, recognise: recogniseXml },
  { class: "ssi", needs: Trait.angle, recognise: recogniseDirectives },
];

const thresholds: Readonly<Record<"strict" | "prose", number>> = { strict: 4, prose: 7 };
const nothing: readonly Finding[] = [];

/**
 * Finds the syntax of injections in a text, in time linear in its length.
 *
 * Percent, HTML-entity, backslash and full-width encodings are undone up to three times. A text of letters, digits and plain
 * punctuation passes after one look at each character.
 *
 * @returns the findings that count under the profile, none when the text passes
 */
export function screen(text: string, { profile }: ScreenOptions): readonly Finding[] {
  if (profile === "off") return nothing;
  const traits = traitsOf(text);
  if (traits === 0) return nothing;
  const findings = new Map<string, Finding>();
  collect(findings, text, traits, thresholds[profile], undefined);
  for (const layer of decodedLayers(text, traits)) collect(findings, layer, traitsOf(layer), thresholds[profile], text.length);
  return [...findings.values()];
}

function collect(findings: Map<string, Finding>, text: string, traits: number, threshold: number, whole: number | undefined): void {
  for (const { class: attackClass, needs, recognise } of recognisers) {
    if ((needs & traits) === 0) continue;
    for (const { rule, score, start, end } of recognise(text)) {
      const name = `${attackClass}/${rule}`;
      if (score < threshold || findings.has(name)) continue;
      findings.set(name, { class: attackClass, rule, score, span: whole === undefined ? [start, end] : [0, whole] });
    }
  }
}
