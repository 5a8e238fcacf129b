import type { Findings } from "./findings.ts";
import { triggers } from "./forms/all-forms.ts";
import { anyLength, pairPlace, placeOf } from "./forms/triggers.ts";
import { Trait } from "./trait.ts";

/** Places with forms, and signs, that one text may have; an ordinary text of 100,000 characters has a third of that. */
const maxPlaces = 12_000;
const maxSigns = 50_000;
const places = new Int32Array(maxPlaces);
/** The trigger at each place; below zero where its word stands before a sign. */
const found = new Int16Array(maxPlaces);
let count = 0;
const signPlaces = new Int32Array(maxSigns);
let signCount = 0;

const { words, lengths, pairs, list } = triggers;
const traitsAlways = Uint32Array.from(list, ({ traits }) => traits);
const traitsBeforeSign = Uint32Array.from(list, ({ traits, beforeSign }) => traits | beforeSign);
const formsAlways = list.map(({ forms }) => forms);
const formsWithSign = list.map(({ forms, formsBeforeSign }) => forms.concat(formsBeforeSign));

const signs = new Uint32Array(256);
const mark = (characters: string, traits: number): void => {
  for (const character of characters) signs[character.charCodeAt(0)] = (signs[character.charCodeAt(0)] ?? 0) | traits;
};
mark('"`', Trait.quote);
mark("`", Trait.backtick);
mark("=<>", Trait.comparison);
mark(";", Trait.semicolon);
mark("#", Trait.comment);
mark("<", Trait.angle);
mark("|&$", Trait.shell);
mark("\n\r", Trait.newline);
mark("/\\", Trait.slash);
mark("{[", Trait.brace);
mark("@", Trait.at | Trait.brace);
mark("$", Trait.dollar);
mark("%", Trait.percent | Trait.dots);
mark("&", Trait.entity);
mark("\\", Trait.backslash);
mark("|&+", Trait.sign);

/** Traits that say nothing without others. */
const idle = Trait.sqlJoint | Trait.sqlVerb | Trait.templateWord;

/** Whether a text with these traits has nothing that any recogniser would look at. */
export function isPlain(traits: number): boolean {
  return (traits & ~idle) === 0;
}

/** What else there is to do at a sign: keep its place for the recognisers, look at its neighbours, try a pair. */
const kept = 1;
const hasNeighbours = 2;
const hasPairs = 4;
const duties = new Uint8Array(256);
const give = (characters: string, duty: number): void => {
  for (const character of characters) duties[character.charCodeAt(0)] = (duties[character.charCodeAt(0)] ?? 0) | duty;
};
give("'\"`;|&\n\r$<>{}[#*@", kept);
give("'?@(-.*", hasNeighbours);
for (let code = 0; code < 256; code += 1) {
  if (pairs.subarray(pairPlace(code, 0), pairPlace(code + 1, 0)).some((pair) => pair !== 0)) duties[code] = (duties[code] ?? 0) | hasPairs;
}

/** The places of quotes, separators, line breaks and opening signs in the last text that was read. */
export function signsOfText(): Int32Array {
  return signPlaces.subarray(0, Math.min(signCount, maxSigns));
}

/**
 * The one look at every code unit of a text: what occurs in it, and the places where forms are to be tried.
 *
 * The places are kept until the next text is read.
 *
 * @returns the traits
 */
export function readTraits(text: string): number {
  count = 0;
  signCount = 0;
  let traits = 0;
  let hash = 0;
  let start = 0;
  let joint = false;
  let opened = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const letter = code | 0x20;
    if (letter >= 0x61 && letter <= 0x7a && code < 0x80) {
      if (hash === 0) start = at;
      hash = (Math.imul(hash, 31) + letter) | 0;
      continue;
    }
    if (hash !== 0) {
      const more = meetWord(placeOf(hash), start, at, code);
      hash = 0;
      traits |= more;
      joint = (more & Trait.sqlJoint) !== 0;
    }
    if (code === 0x20) continue;
    if (code === 0x28) opened = true;
    else if (code === 0x29 && !opened) traits |= Trait.call;
    if (code >= 0x30 && code <= 0x39) {
      if (joint) traits |= Trait.sqlWord;
      if (code === 0x30 && text.charCodeAt(at + 1) === 0x78) meetPair(at, code, 0x78);
    } else if (code < 256) {
      const duty = duties[code] ?? 0;
      traits |= signs[code] ?? 0;
      if ((duty & hasNeighbours) !== 0) traits |= neighbourTraits(text, at, code);
      if ((duty & kept) !== 0) keepSign(at);
      if ((duty & hasPairs) !== 0) meetPair(at, code, text.charCodeAt(at + 1));
    } else if (code > 0x2000) traits |= Trait.wide;
    joint = false;
  }
  if (hash !== 0) traits |= meetWord(placeOf(hash), start, text.length, 0x20);
  if (traits & Trait.semicolon && traits & Trait.sqlVerb) traits |= Trait.sqlWord;
  return count === 0 && signCount <= maxSigns ? traits : traits | Trait.forms;
}

function meetWord(place: number, at: number, end: number, next: number): number {
  const met = words[place] ?? 0;
  if (met === 0 || (lengths[place] !== end - at && lengths[place] !== anyLength)) return 0;
  const beforeSign = next > 0x20 && next !== 0x2c;
  if (((beforeSign ? formsWithSign : formsAlways)[met]?.length ?? 0) > 0) keep(at, beforeSign ? -met : met);
  return (beforeSign ? traitsBeforeSign : traitsAlways)[met] ?? 0;
}

function meetPair(at: number, code: number, next: number): void {
  const met = pairs[pairPlace(code, next)] ?? 0;
  if (met !== 0) keep(at, met);
}

function keepSign(at: number): void {
  if (signCount < maxSigns) signPlaces[signCount] = at;
  signCount += 1;
}

function keep(at: number, trigger: number): void {
  if (count < maxPlaces) {
    places[count] = at;
    found[count] = trigger;
  }
  count += 1;
}

/** Tries the forms at the places that the last text had; places are those of `text` only if it was read last. */
export function findForms(text: string, findings: Findings): void {
  for (let index = 0; index < Math.min(count, maxPlaces); index += 1) {
    const at = places[index] ?? 0;
    const trigger = found[index] ?? 0;
    for (const { class: attackClass, rule, score, form } of (trigger < 0 ? formsWithSign[-trigger] : formsAlways[trigger]) ?? []) {
      form.lastIndex = at;
      if (form.test(text)) findings.add(attackClass, rule, score, at, form.lastIndex);
    }
  }
  if (count > maxPlaces || signCount > maxSigns) findings.add("syntax", "too-many-signs", 7, 0, text.length);
}

/** Signs that mean something with their neighbours only. */
function neighbourTraits(text: string, at: number, code: number): number {
  if (code === 0x27) return apostropheTraits(text, at);
  if (code === 0x3f) return text.charCodeAt(at + 1) > 0x20 ? Trait.shell : 0;
  if (code === 0x40) return text.charCodeAt(at + 1) === 0x40 ? Trait.comment : 0;
  if (code === 0x28) return isSpace(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1)) ? 0 : Trait.call;
  if (code === 0x2d) return text.charCodeAt(at + 1) === 0x2d ? Trait.comment : 0;
  if (code === 0x2e) return text.charCodeAt(at + 1) === 0x2e ? Trait.dots : 0;
  if (code === 0x2a) return text.charCodeAt(at - 1) === 0x2f || text.charCodeAt(at + 1) === 0x28 ? Trait.comment | Trait.call : 0;
  return 0;
}

/** Nothing for `don't`; `c''at` and `w'h'o` are what shells make of it. */
function apostropheTraits(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === 0x27 || (isLetter(next) && text.charCodeAt(at + 2) === 0x27)) return Trait.quote | Trait.shell;
  return isLetter(text.charCodeAt(at - 1)) && isLetter(next) ? 0 : Trait.quote;
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/** Space, or before the start. */
function isSpace(code: number): boolean {
  return code <= 0x20 || Number.isNaN(code);
}
