import type { MatchSet } from "../match-set.ts";
import { startsPart } from "../text/sentence-boundaries.ts";
import { isHandlerName, scoreHandler } from "./handlers.ts";
import { hasSink, isPlainStyle, isScriptStyle, isScriptUrl, isTwistedStyle } from "./script-value.ts";
import type { Attribute, Tag } from "./tag.ts";

const urlAttributes = new Set(
  "href src action formaction data xlink:href poster background dynsrc lowsrc code codebase classid content to from values by srcset cite longdesc profile usemap manifest folder ping url value path seeksegmenttime begin handler".split(
    " ",
  ),
);

/** Elements that load or run something by themselves, with how sure their mere presence is. */
const activeElements: ReadonlyMap<string, number> = new Map([
  ["script", 7],
  ["iframe", 7],
  ["object", 7],
  ["embed", 7],
  ["applet", 8],
  ["base", 7],
  ["frameset", 7],
  ["frame", 7],
  ["bgsound", 7],
  ["layer", 7],
  ["ilayer", 7],
  ["isindex", 7],
  ["vmlframe", 8],
  [":vmlframe", 8],
  ["xml", 8],
  ["meta", 5],
  ["link", 5],
  ["svg", 7],
  ["math", 7],
  ["style", 7],
  ["xmp", 7],
  ["noscript", 7],
  ["plaintext", 7],
  ["stylesheet", 7],
  ["circle", 7],
  ["img", 4],
  ["body", 7],
  ["html", 5],
  ["form", 5],
  ["input", 5],
  ["video", 4],
  ["audio", 4],
  ["marquee", 7],
  ["keygen", 7],
  ["listing", 7],
  ["div", 4],
  ["a", 4],
  ["template", 4],
  ["event-source", 7],
]);

const legacyAttributes = new Set("allowscriptaccess scriptlet datafld datasrc dataformatas implementation attributename".split(" "));

/** What a tag does that a browser would run. `text` and `start` say where it stands. */
export function judgeTag(tag: Tag, text: string, start: number, matches: MatchSet): void {
  const end = tag.end;
  const element = activeElements.has(tag.name) ? tag.name : (/^[\w:.-]*/.exec(tag.name)?.[0] ?? "");
  const presence = activeElements.get(element) ?? presenceByName(element);
  if (isMangled(tag, element)) matches.add("mangled-tag", 8, start, end);
  if (presence > 0 && !matches.has("active-element", presence))
    matches.add("active-element", isHarmless(tag, text, start) ? Math.min(presence, 5) : presence, start, end);
  if (isObfuscated(text, start, end)) matches.add("hidden-handler", 8, start, end);
  if (tag.name.startsWith("script") && !matches.has("script-element", highestOfScript)) judgeScript(tag, text, start, matches);
  if (tag.name === "style" && isScriptStyle(styleBehind(text, end))) matches.add("script-style", 8, start, end);
  if (presence === 6 && tag.attributes.length > 0 && startsPart(text, start)) matches.add("active-element", 7, start, end);
  for (const attribute of tag.attributes) judgeAttribute(tag, attribute, start, matches);
}

/** `<noscript#…` and `<scr\tipt>`: no author writes an element so, but a filter may take the noise away. */
function isMangled({ name, attributes }: Tag, element: string): boolean {
  if (element.length > 2 && element !== name && activeElements.has(element)) return true;
  const [next] = attributes;
  return next !== undefined && !activeElements.has(name) && next.value === "" && runnable.has(name + next.name);
}

const runnable = new Set(["script", "iframe", "object", "embed", "applet", "style", "base", "meta"]);

const partsOfSvg = new Set(
  "path image rect ellipse polygon polyline tspan textpath lineargradient radialgradient clippath marker pattern mpath symbol switch".split(
    " ",
  ),
);

/** Elements that do something by themselves, also behind a prefix. */
const actsAlone = new Set("set animate animatetransform import discard handler listener foreignobject use".split(" "));

/** Parts of SVG, which show something only inside of one, and active elements under another prefix. */
function presenceByName(name: string): number {
  if (partsOfSvg.has(name)) return 6;
  if (name.startsWith("fe") || actsAlone.has(name)) return 7;
  if (!name.includes(":") && !name.includes("-")) return 0;
  if (/^(?:svg|html|xss|math|xhtml|py|esi|vml|t)[:-]/.test(name)) return 7;
  const [prefix = "", local = ""] = name.split(":", 2);
  return /^\w+$/.test(prefix) && actsAlone.has(local) && name.length === prefix.length + local.length + 1 ? 7 : 0;
}

/** A mere mention, or a script element as a page has it, with its lines and nothing that attacks. */
function isHarmless(tag: Tag, text: string, start: number): boolean {
  if (tag.name === "script" && tag.closed && isOrdinary(scriptBehind(text, tag.end))) return true;
  if (tag.name === "style" && tag.closed && isPlainStyle(styleBehind(text, tag.end + 1))) return true;
  return isMention(tag, text, start);
}

/** `the <svg> element`: named in a sentence, not used. */
function isMention(tag: Tag, text: string, start: number): boolean {
  if (tag.name === "script" && text.slice(tag.end, tag.end + 300).includes("</")) return false;
  return (
    tag.attributes.length === 0 &&
    /[\w,(] $|[`("'*]$/.test(text.slice(Math.max(0, start - 2), start)) &&
    /^.[\s`)"'*,.?:;]/.test(text.slice(tag.end, tag.end + 2))
  );
}

/** `onload!#$%&()*~=` and `[c]onerror[d]=`: a handler whose name ends in noise that browsers ignore. */
function isObfuscated(text: string, start: number, end: number): boolean {
  const tag = text.slice(start, Math.min(end + 32, start + 200));
  return tag.includes("=") && /\bon[a-z]{3,20}\s{0,4}[^a-z0-9\s<>=][^a-z0-9<>=]{0,32}=/i.test(tag);
}

/** The names of attributes that any rule looks at, beside handlers and namespaces. */
const judgedAttributes = new Set([...urlAttributes, ...legacyAttributes, ..."style type rel srcdoc http-equiv xmlns".split(" ")]);

function judgeAttribute(tag: Tag, attribute: Attribute, start: number, matches: MatchSet): void {
  const { name, value } = attribute;
  if (!judgedAttributes.has(name) && !name.startsWith("on") && !name.startsWith("xmlns:")) return;
  if (isHandlerName(name) && value !== "") matches.add("event-handler", scoreHandler(tag, attribute), start, tag.end);
  if (urlAttributes.has(name) && isScriptUrl(value)) matches.add("script-url", 8, start, tag.end);
  if (name === "style" && isScriptStyle(value)) matches.add("script-style", 8, start, tag.end);
  if (name === "style" && isTwistedStyle(value)) matches.add("twisted-style", 7, start, tag.end);
  if (name.startsWith("xmlns:") && (value === "" || !/^(?:svg|math|xml|html|xsl:|rdf)/.test(tag.name)))
    matches.add("legacy-script", 8, start, tag.end);
  if (name === "type" && tag.name === "input" && /^password$/i.test(value)) matches.add("active-element", 7, start, tag.end);
  if (name === "dynsrc" || name === "lowsrc") matches.add("legacy-script", 8, start, tag.end);
  if (tag.name === "link" && name === "rel" && /import|stylesheet/i.test(value)) matches.add("foreign-code", 7, start, tag.end);
  if (name === "srcdoc") matches.add("inline-document", 8, start, tag.end);
  if (name === "http-equiv" && /refresh|set-cookie|link/i.test(value)) matches.add("meta-directive", 8, start, tag.end);
  if (legacyAttributes.has(name)) matches.add("legacy-script", 8, start, tag.end);
  if (loadsForeignCode(tag.name, name, value)) matches.add("foreign-code", 8, start, tag.end);
  if (name === "xmlns" && value.includes("schemas-microsoft")) matches.add("legacy-script", 8, start, tag.end);
}

/** Elements that run what they load, when it comes from elsewhere without saying how: `//host`, `\\host`, `data:`. */
function loadsForeignCode(element: string, name: string, value: string): boolean {
  if (element === "a" && name === "href") return /^\s*(?:https?:)?\/\/(?:[^/]*@|\d+\.\d+\.\d+\.\d+|\d{8,}|0x)/i.test(value);
  if (name !== "src" && name !== "data" && name !== "href" && name !== "classid") return false;
  const head = value.trimStart().slice(0, 12).toLowerCase();
  if (element === "base" && name === "href") return head !== "/" && !head.startsWith("./") && head !== "";
  if (element === "object" || element === "embed") return !head.startsWith("./");
  if (element === "link" && name === "href")
    return /^(?:data:|\/\/|\\\\)/.test(head) && !head.startsWith("//fonts") && !head.startsWith("//cdn");
  return (element === "script" || element === "iframe" || element === "frame") && /^(?:data:|mhtml:|\\\\)/.test(head);
}

/** The score of a script element that nobody writes. */
const highestOfScript = 8;

/** A script element: with a body that does something, or unclosed and mangled as no author writes it. */
function judgeScript(tag: Tag, text: string, start: number, matches: MatchSet): void {
  if (tag.name !== "script") return matches.add("script-element", 7, start, tag.end);
  const content = scriptBehind(text, tag.end);
  const mangled = !tag.closed || text.charAt(start + 7) === "/" || tag.attributes.some(({ name }) => /[^\w:@.-]/.test(name));
  if (mangled) matches.add("script-element", highestOfScript, start, tag.end);
  else if (hasSink(content) && content.length < 200)
    matches.add("script-element", isOrdinary(content) ? 5 : highestOfScript, start, tag.end);
  else if (tag.attributes.some(({ name, value }) => name === "src" && isForeign(value))) matches.add("script-element", 7, start, tag.end);
  if (tag.attributes.some(({ name }) => name === "language" || name === "a" || name === "for" || name === "event"))
    matches.add("script-element", 7, start, tag.end);
}

/** The script behind the `>` at a position, as far as anybody looks. */
function scriptBehind(text: string, end: number): string {
  const body = text.slice(end + 1, end + 300);
  const close = body.search(/<\/?script/i);
  return close === -1 ? body : body.slice(0, close);
}

/** The style from a position on, as far as anybody looks, or to the next style element. */
function styleBehind(text: string, start: number): string {
  const body = text.slice(start, start + 400);
  const next = body.search(/<style/i);
  return next === -1 ? body : body.slice(0, next);
}

/** Script on lines of its own, or nothing behind a mention in backticks, without what attacks show that they run by. */
function isOrdinary(script: string): boolean {
  return (
    /^(?:`|[ \t]*\r?\n)/.test(script) &&
    !/(?:alert|prompt|confirm|eval|fromcharcode|unescape|atob|cookie|location|innerhtml|fetch|write|xmlhttprequest|src)\W/i.test(script)
  );
}

function isForeign(value: string): boolean {
  return /^\s*(?:https?:)?[/\\]{2}/i.test(value);
}
