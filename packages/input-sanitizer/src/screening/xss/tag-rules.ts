import type { Hits } from "../finding.ts";
import { hasSink, isScriptStyle, isScriptUrl } from "./script-value.ts";
import type { Attribute, Tag } from "./tag.ts";

const urlAttributes = new Set(
  "href src action formaction data xlink:href poster background dynsrc lowsrc code codebase classid content to from values by srcset cite longdesc profile usemap manifest folder ping url value path seeksegmenttime begin handler".split(
    " ",
  ),
);

/** Elements that load or run something by themselves, with how sure their mere presence is. */
const activeElements: ReadonlyMap<string, number> = new Map([
  ["script", 6],
  ["iframe", 6],
  ["object", 6],
  ["embed", 6],
  ["applet", 7],
  ["base", 6],
  ["frameset", 6],
  ["frame", 6],
  ["bgsound", 7],
  ["layer", 7],
  ["ilayer", 7],
  ["isindex", 7],
  ["vmlframe", 8],
  ["xml", 5],
  ["meta", 4],
  ["link", 5],
  ["svg", 5],
  ["math", 5],
  ["style", 5],
  ["img", 4],
  ["body", 4],
  ["html", 4],
  ["form", 4],
  ["input", 4],
  ["video", 4],
  ["audio", 4],
  ["marquee", 5],
  ["div", 4],
  ["a", 4],
  ["template", 4],
  ["event-source", 7],
]);

/** What a tag does that a browser would run. `text` and `start` say where it stands. */
export function judgeTag(tag: Tag, text: string, start: number, hits: Hits): void {
  const end = tag.end;
  const presence = activeElements.get(tag.name) ?? (/^(?:\w+:)?(?:set|animate|import|discard|handler|listener)$/.test(tag.name) ? 5 : 0);
  if (presence > 0) hits.add("active-element", presence, start, end);
  if (tag.name.startsWith("script")) judgeScript(tag, text, start, hits);
  if (tag.name === "style" && isScriptStyle(text.slice(end, end + 400))) hits.add("script-style", 8, start, end);
  for (const attribute of tag.attributes) judgeAttribute(tag, attribute, start, hits);
}

function judgeAttribute(tag: Tag, { name, value }: Attribute, start: number, hits: Hits): void {
  if (isHandlerName(name) && value !== "") hits.add("event-handler", hasSink(value) || !isCall(value) ? 8 : 7, start, tag.end);
  if (urlAttributes.has(name) && isScriptUrl(value)) hits.add("script-url", 8, start, tag.end);
  if (name === "style" && isScriptStyle(value)) hits.add("script-style", 8, start, tag.end);
  if (name === "srcdoc") hits.add("inline-document", 8, start, tag.end);
  if (name === "http-equiv" && /refresh|set-cookie|link/i.test(value)) hits.add("meta-directive", 8, start, tag.end);
  if (name === "allowscriptaccess" || name === "scriptlet" || name.startsWith("datafld")) hits.add("legacy-script", 8, start, tag.end);
  if (loadsForeignCode(tag.name, name, value)) hits.add("foreign-code", 8, start, tag.end);
  if (name === "xmlns" && value.includes("schemas-microsoft")) hits.add("legacy-script", 8, start, tag.end);
}

export function isHandlerName(name: string): boolean {
  return name.length > 4 && name.startsWith("on") && /^on[a-z]+[\w.-]*$/.test(name);
}

/** `save()` or `go(1)`: what pages in tutorials have in their handlers. */
function isCall(value: string): boolean {
  return /^\s*(?:return\s+)?[\w$.]{1,40}\([^()]{0,60}\);?\s*$/.test(value);
}

/** Elements that run what they load, when it comes from elsewhere without saying how: `//host`, `\\host`, `data:`. */
function loadsForeignCode(element: string, name: string, value: string): boolean {
  const head = value.trimStart().slice(0, 12).toLowerCase();
  if (element === "base" && name === "href") return head !== "/" && !head.startsWith("./") && head !== "";
  if (name !== "src" && name !== "data" && name !== "href" && name !== "classid") return false;
  if (element === "object" || element === "embed") return !head.startsWith("./");
  if (element === "link" && name === "href")
    return /^(?:data:|\/\/|\\\\)/.test(head) && !head.startsWith("//fonts") && !head.startsWith("//cdn");
  return (element === "script" || element === "iframe" || element === "frame") && /^(?:data:|\\\\)/.test(head);
}

/** A script element: with a body that does something, or unclosed and mangled as no author writes it. */
function judgeScript(tag: Tag, text: string, start: number, hits: Hits): void {
  if (tag.name !== "script") return hits.add("script-element", 7, start, tag.end);
  const close = Math.min(text.length, tag.end + 300);
  const body = text.slice(tag.end + 1, close);
  const short = body.search(/<\/?script/i);
  const mangled = !tag.closed || text.charAt(start + 7) === "/" || tag.attributes.some(({ name }) => /[^\w:@.-]/.test(name));
  const content = short === -1 ? body : body.slice(0, short);
  if (mangled) hits.add("script-element", 8, start, tag.end);
  else if (hasSink(content) && content.length < 200) hits.add("script-element", 8, start, tag.end);
  else if (tag.attributes.some(({ name, value }) => name === "src" && isForeign(value))) hits.add("script-element", 6, start, tag.end);
  if (tag.attributes.some(({ name }) => name === "language" || name === "a" || name === "for" || name === "event"))
    hits.add("script-element", 7, start, tag.end);
}

function isForeign(value: string): boolean {
  return /^\s*(?:https?:)?[/\\]{2}/i.test(value);
}
