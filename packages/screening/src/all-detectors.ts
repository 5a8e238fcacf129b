import { detectCommands } from "./cmdi/detect-commands.ts";
import { detectNoSql } from "./detectors/nosql.ts";
import { detectDirectives } from "./detectors/ssi.ts";
import { detectTemplates } from "./detectors/ssti.ts";
import { detectTraversal } from "./detectors/traversal.ts";
import { detectXml } from "./detectors/xxe.ts";
import type { AttackClass } from "./finding.ts";
import type { MatchSet } from "./match-set.ts";
import type { TextScan } from "./scan/text-scan.ts";
import { detectSql } from "./sqli/detect-sql.ts";
import { Trait } from "./text/trait.ts";
import { detectMarkup } from "./xss/detect-markup.ts";

/** Looks for one class of attack in a text that was scanned. */
interface Detector {
  readonly class: AttackClass;
  /** Without one of these traits in the text, there is nothing to find. */
  readonly needs: number;
  readonly detect: (scan: TextScan, matches: MatchSet) => void;
}

/** Every detector, in the order in which they run. */
export const allDetectors: readonly Detector[] = [
  { class: "sqli", needs: Trait.quote | Trait.comparison | Trait.call | Trait.comment | Trait.sqlWord, detect: detectSql },
  { class: "xss", needs: Trait.angle | Trait.quote | Trait.scriptWord | Trait.comparison | Trait.sign, detect: detectMarkup },
  { class: "cmdi", needs: Trait.shell | Trait.angle | Trait.semicolon | Trait.newline | Trait.backtick, detect: detectCommands },
  { class: "traversal", needs: Trait.dots, detect: detectTraversal },
  { class: "ssti", needs: Trait.brace | Trait.angle | Trait.comment, detect: detectTemplates },
  { class: "nosql", needs: Trait.quote, detect: detectNoSql },
  { class: "xxe", needs: Trait.angle, detect: detectXml },
  { class: "ssi", needs: Trait.angle | Trait.brace, detect: detectDirectives },
];
