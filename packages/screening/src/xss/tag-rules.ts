import type { MatchSet } from "../match-set.ts";
import { startsPart } from "../text/sentence-boundaries.ts";
import { judgeAttribute } from "./attribute-rules.ts";
import { activeElements, knownPresence, presenceOf } from "./elements.ts";
import type { NoisyEquals } from "./noisy-equals.ts";
import { hasSink, isPlainStyle, isScriptStyle } from "./script-value.ts";
import type { Tag } from "./tag.ts";

/** What a tag does that a browser would run. `text` and `start` say where it stands, after those that were judged before. */
export function judgeTag(tag: Tag, text: string, start: number, equals: NoisyEquals, matches: MatchSet): void {
  const end = tag.end;
  const known = knownPresence(tag.name);
  const element = known === undefined ? (/^[\w:.-]*/.exec(tag.name)?.[0] ?? "") : tag.name;
  const presence = known ?? presenceOf(element);
  if (isMangled(tag, element)) matches.add("mangled-tag", 8, start, end);
  if (presence > 0 && !matches.has("active-element", presence))
    matches.add("active-element", isHarmless(tag, text, start) ? Math.min(presence, 5) : presence, start, end);
  if (isObfuscated(text, start, end, equals)) matches.add("hidden-handler", 8, start, end);
  if (tag.name.startsWith("script") && !matches.has("script-element", highestOfScript)) judgeScript(tag, text, start, matches);
  if (tag.name === "style" && isScriptStyle(styleBehind(text, end))) matches.add("script-style", 8, start, end);
  if (presence === 6 && tag.count > 0 && startsPart(text, start)) matches.add("active-element", 7, start, end);
  for (const attribute of tag.attributes) judgeAttribute(tag, attribute, start, matches);
}

/** `<noscript#…` and `<scr\tipt>`: no author writes an element so, but a filter may take the noise away. */
function isMangled({ name, attributes }: Tag, element: string): boolean {
  if (element.length > 2 && element !== name && activeElements.has(element)) return true;
  const [next] = attributes;
  return next !== undefined && !activeElements.has(name) && next.value === "" && runnable.has(name + next.name);
}

const runnable = new Set(["script", "iframe", "object", "embed", "applet", "style", "base", "meta"]);

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
    tag.count === 0 &&
    /[\w,(] $|[`("'*]$/.test(text.slice(Math.max(0, start - 2), start)) &&
    /^.[\s`)"'*,.?:;]/.test(text.slice(tag.end, tag.end + 2))
  );
}

/** `onload!#$%&()*~=` and `[c]onerror[d]=`: a handler whose name ends in noise that browsers ignore. */
function isObfuscated(text: string, start: number, end: number, equals: NoisyEquals): boolean {
  const last = Math.min(end + 32, start + 200, text.length);
  if (!equals.isAnyBetween(start, last)) return false;
  const tag = text.slice(start, last);
  return /\bon[a-z]{3,20}\s{0,4}[^a-z0-9\s<>=][^a-z0-9<>=]{0,32}=/i.test(tag);
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

/** The script after the `>` at a position, as far as anybody looks. */
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

/** Script on lines of its own, or nothing after a mention in backticks, without what attacks show that they run by. */
function isOrdinary(script: string): boolean {
  return (
    /^(?:`|[ \t]*\r?\n)/.test(script) &&
    !/(?:alert|prompt|confirm|eval|fromcharcode|unescape|atob|cookie|location|innerhtml|fetch|write|xmlhttprequest|src)\W/i.test(script)
  );
}

function isForeign(value: string): boolean {
  return /^\s*(?:https?:)?[/\\]{2}/i.test(value);
}
