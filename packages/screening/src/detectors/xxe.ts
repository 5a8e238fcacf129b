import type { Hits } from "../finding.ts";

/** Finds XML that declares entities or includes documents (CWE-611). */
export function recogniseXml(text: string, hits: Hits, signs: Int32Array): void {
  for (const at of signs) {
    if (text.charCodeAt(at) !== 0x3c || text.charCodeAt(at + 1) !== 0x21) continue;
    if (!hits.spend(at)) break;
    const head = text.slice(at, at + 160);
    if (/^<!entity\s/i.test(head)) hits.add("entity", /\b(?:system|public)\b|%/i.test(head) ? 9 : 7, at, at + 8);
    else if (/^<!doctype\s+[\w:.-]{1,60}\s*\[/i.test(head)) hits.add("internal-subset", 7, at, at + 9);
    else if (
      /^<!doctype\s+[\w:.-]{1,60}\s+(?:system|public\s+["'][^"']{0,80}["']\s+["'](?!https?:\/\/(?:www\.)?(?:w3|oasis-open|apple|sun|openejb|mybatis|hibernate)\.))/i.test(
        head,
      )
    )
      hits.add("internal-subset", 7, at, at + 9);
  }
}
