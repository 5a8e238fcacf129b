import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { startsPart } from "../text/sentence-boundaries.ts";

/** Finds what a web server would run inside a page: server-side includes and script tags (CWE-97, CWE-95). */
export function detectDirectives({ text, units, signs }: TextScan, matches: MatchSet): void {
  if (!text.includes("<!") && !text.includes("<?")) return;
  for (const at of signs) {
    if (units[at + 1] !== 0x3c) continue;
    const next = units[at + 2];
    if (next !== 0x21 && next !== 0x3f) continue;
    if (!matches.spend(at)) break;
    const head = text.slice(at, at + 120);
    if (/^<!--\s*#\s*(?:exec|include|echo|printenv|config|fsize|flastmod|set)\b/i.test(head)) matches.add("include", 8, at, at + 12);
    else if (/^<!--esi\W/i.test(head)) matches.add("include", 7, at, at + 7);
    else if (/^<\?(?:php\b|=)/i.test(head))
      matches.add("script-tag", isShortScript(text, at) || (startsPart(text, at) && text.length - at < 120) ? 7 : 5, at, at + 5);
    else if (/^<\?\s*(?:system|exec|passthru|shell_exec|eval|phpinfo|popen|echo)\b/i.test(head)) matches.add("script-tag", 7, at, at + 5);
  }
}

/** A page about PHP has sentences around its code; an attack is the code, and it runs something. */
function isShortScript(text: string, at: number): boolean {
  return (
    at < 40 &&
    text.length < 400 &&
    /system|exec|passthru|eval|phpinfo|popen|assert|file_put_contents|base64_decode|\$_(?:get|post|request|cookie)/i.test(
      text.slice(at, at + 200),
    )
  );
}
