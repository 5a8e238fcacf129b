import { type Hit, Hits } from "./finding.ts";
import { startsPart } from "./parts.ts";

/** Finds what a web server would run inside a page: server-side includes and script tags (CWE-97, CWE-95). */
export function recogniseDirectives(text: string): Hit[] {
  const hits = new Hits();
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at + 1)) {
    const next = text.charAt(at + 1);
    if (next !== "!" && next !== "?") continue;
    if (!hits.spend(at)) break;
    const head = text.slice(at, at + 120);
    if (/^<!--\s*#\s*(?:exec|include|echo|printenv|config|fsize|flastmod|set)\b/i.test(head)) hits.add("include", 8, at, at + 12);
    else if (/^<\?(?:php\b|=)/i.test(head))
      hits.add("script-tag", isShortScript(text, at) || (startsPart(text, at) && text.length - at < 120) ? 7 : 5, at, at + 5);
    else if (/^<\?\s*(?:system|exec|passthru|shell_exec|eval|phpinfo|popen|echo)\b/i.test(head)) hits.add("script-tag", 7, at, at + 5);
  }
  return hits.list();
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
