import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";

/** Finds XML that declares entities or includes documents (CWE-611). */
export function detectXml({ text }: TextScan, matches: MatchSet): void {
  for (let at = text.indexOf("<!"); at !== -1; at = text.indexOf("<!", at + 1)) {
    if (!matches.spend(at)) break;
    const head = text.slice(at, at + 160);
    if (/^<!entity\s/i.test(head)) matches.add("entity", scoreEntity(head), at, at + 8);
    else if (/^<!doctype\s+[\w:.-]{1,60}\s*\[/i.test(head)) matches.add("internal-subset", 7, at, at + 9);
    else if (
      /^<!doctype\s+[\w:.-]{1,60}\s+(?:system|public\s+["'][^"']{0,80}["']\s+["'](?!https?:\/\/(?:www\.)?(?:w3|oasis-open|apple|sun|openejb|mybatis|hibernate)\.))/i.test(
        head,
      )
    )
      matches.add("internal-subset", 7, at, at + 9);
  }
}

/** What an entity stands for matters: a file or address, other entities, or a name or sign that documents abbreviate. */
function scoreEntity(head: string): number {
  if (/\b(?:system|public)\b|%/i.test(head)) return 9;
  return /^<!entity\s{1,3}[\w.-]{1,40}\s{1,3}(["'])(?:[^"'&<%]|&#x?[\da-f]{1,6};){0,80}\1\s?>/i.test(head) ? 5 : 7;
}
