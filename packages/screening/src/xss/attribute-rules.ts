import type { MatchSet } from "../match-set.ts";
import { judgedAttributes, urlAttributes } from "./attribute-names.ts";
import { isHandlerName, scoreHandler } from "./handlers.ts";
import { isScriptStyle, isScriptUrl, isTwistedStyle } from "./script-value.ts";
import type { Attribute, Tag } from "./tag.ts";

const legacyAttributes = new Set(
  "dynsrc lowsrc allowscriptaccess scriptlet datafld datasrc dataformatas implementation attributename".split(" "),
);

/** What an attribute does that a browser would run; `start` is where its tag begins. */
export function judgeAttribute(tag: Tag, attribute: Attribute, start: number, matches: MatchSet): void {
  const { name, value } = attribute;
  if (urlAttributes.has(name)) return judgeUrl(tag, attribute, start, matches);
  if (!judgedAttributes.has(name) && !name.startsWith("on") && !name.startsWith("xmlns:")) return;
  if (isHandlerName(name) && value !== "") matches.add("event-handler", scoreHandler(tag, attribute), start, tag.end);
  if ((name === "dynsrc" || name === "lowsrc") && isScriptUrl(value)) matches.add("script-url", 8, start, tag.end);
  if (name === "style" && isScriptStyle(value)) matches.add("script-style", 8, start, tag.end);
  if (name === "style" && isTwistedStyle(value)) matches.add("twisted-style", 7, start, tag.end);
  if (name.startsWith("xmlns:") && (value === "" || !/^(?:svg|math|xml|html|xsl:|rdf)/.test(tag.name)))
    matches.add("legacy-script", 8, start, tag.end);
  if (name === "type" && tag.name === "input" && /^password$/i.test(value)) matches.add("active-element", 7, start, tag.end);
  if (tag.name === "link" && name === "rel" && /import|stylesheet/i.test(value)) matches.add("foreign-code", 7, start, tag.end);
  if (name === "srcdoc") matches.add("inline-document", 8, start, tag.end);
  if (name === "http-equiv" && /refresh|set-cookie|link/i.test(value)) matches.add("meta-directive", 8, start, tag.end);
  if (legacyAttributes.has(name)) matches.add("legacy-script", 8, start, tag.end);
  if (name === "xmlns" && value.includes("schemas-microsoft")) matches.add("legacy-script", 8, start, tag.end);
}

function judgeUrl(tag: Tag, { name, value }: Attribute, start: number, matches: MatchSet): void {
  if (isScriptUrl(value)) matches.add("script-url", 8, start, tag.end);
  if (loadsForeignCode(tag.name, name, value)) matches.add("foreign-code", 8, start, tag.end);
}

/** Elements that load something to run it. */
const loading = new Set("base object embed link script iframe frame".split(" "));

/** Elements that run what they load, when it comes from elsewhere without saying how: `//host`, `\\host`, `data:`. */
function loadsForeignCode(element: string, name: string, value: string): boolean {
  if (element === "a" && name === "href") return isForeignLink(value);
  if (!loading.has(element)) return false;
  if (name !== "src" && name !== "data" && name !== "href" && name !== "classid") return false;
  const head = value.trimStart().slice(0, 12).toLowerCase();
  if (element === "base" && name === "href") return head !== "/" && !head.startsWith("./") && head !== "";
  if (element === "object" || element === "embed") return !head.startsWith("./");
  if (element === "link" && name === "href")
    return /^(?:data:|\/\/|\\\\)/.test(head) && !head.startsWith("//fonts") && !head.startsWith("//cdn");
  return (element === "script" || element === "iframe" || element === "frame") && /^(?:data:|mhtml:|\\\\)/.test(head);
}

/** A link with a user, or to the number of a host. */
function isForeignLink(url: string): boolean {
  const code = url.charCodeAt(0);
  // Most links lead to another place of the page, or to a page beside it.
  const mayBeAbsolute = code <= 0x20 || code === 0x2f || (code | 0x20) === 0x68 || code >= 0x80;
  return mayBeAbsolute && /^\s*(?:https?:)?\/\/(?:[^/]*@|\d+\.\d+\.\d+\.\d+|\d{8,}|0x)/i.test(url);
}
