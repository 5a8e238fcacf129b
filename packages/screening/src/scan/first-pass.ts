import type { Effort } from "../budget.ts";
import { isWide } from "../decode/fold-wide.ts";
import type { Findings } from "../finding-set.ts";
import { certain } from "../finding.ts";
import { triggers } from "../signatures/all-signatures.ts";
import { anyLength, pairPlace, placeOf } from "../signatures/triggers.ts";
import { Trait } from "../text/trait.ts";
import { codeUnits } from "./code-units.ts";
import { neighbourTraits } from "./neighbour-traits.ts";

/** Places with forms, and signs, that one text may have; an ordinary text of 100,000 characters has a third of that. */
const maxPlaces = 12_000;
const maxSigns = 50_000;
/** The effort of a form, which mostly is found not to be there at its first character. */
const perForm = 0.15;
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

/** Letters of ASCII in lower case, 0 for anything else. */
const letters = new Uint8Array(128);
for (const letter of "abcdefghijklmnopqrstuvwxyz") {
  letters[letter.charCodeAt(0)] = letter.charCodeAt(0);
  letters[letter.toUpperCase().charCodeAt(0)] = letter.charCodeAt(0);
}

/** One bit for each place that has a word: small enough to stay near the processor, and nearly all words end here. */
const wordBits = new Uint32Array(words.length / 32);
for (const [place, word] of words.entries()) if (word !== 0) wordBits[place >> 5] = (wordBits[place >> 5] ?? 0) | (1 << (place & 31));

function mayStart(place: number): boolean {
  return ((wordBits[place >> 5] ?? 0) & (1 << (place & 31))) !== 0;
}

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
give("'?@(-.*+", hasNeighbours);
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
  const units = codeUnits(text);
  const end = text.length + 1;
  let traits = 0;
  let joint = false;
  let opened = false;
  for (let at = 1; at < end; at += 1) {
    const start = at;
    let hash = 0;
    let code = units[at] ?? 0;
    for (let letter = letterOf(code); letter !== 0; letter = letterOf(code)) {
      hash = (Math.imul(hash, 31) + letter) | 0;
      at += 1;
      code = units[at] ?? 0;
    }
    if (at > start) {
      const place = placeOf(hash);
      const more = mayStart(place) ? meetWord(place, start - 1, at - 1, code) : 0;
      traits |= more;
      joint = (more & Trait.sqlJoint) !== 0;
      if (at === end) break;
    }
    if (code === 0x20) continue;
    if (code === 0x28) opened = true;
    else if (code === 0x29 && !opened) traits |= Trait.call;
    if (code >= 0x30 && code <= 0x39) {
      if (joint) traits |= Trait.sqlWord;
      if (code === 0x30 && units[at + 1] === 0x78) meetPair(at - 1, code, 0x78);
    } else if (code < 256) {
      const duty = duties[code] ?? 0;
      traits |= signs[code] ?? 0;
      if ((duty & hasNeighbours) !== 0) traits |= neighbourTraits(units, at, code);
      if ((duty & kept) !== 0) keepSign(at - 1);
      if ((duty & hasPairs) !== 0) meetPair(at - 1, code, units[at + 1] ?? 0);
      if (duty !== 0 && isOverfull()) break;
    } else if (isWide(code)) traits |= Trait.wide;
    joint = false;
  }
  if (traits & Trait.semicolon && traits & Trait.sqlVerb) traits |= Trait.sqlWord;
  return count === 0 && !isOverfull() ? traits : traits | Trait.forms;
}

function letterOf(code: number): number {
  return code < 128 ? (letters[code] ?? 0) : 0;
}

/** Whether the last text has more places or signs than are kept; then it was not read to its end. */
export function isOverfull(): boolean {
  return count > maxPlaces || signCount > maxSigns;
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
export function findForms(text: string, findings: Findings, effort: Effort): void {
  for (let index = 0; index < count; index += 1) {
    const at = places[index] ?? 0;
    const trigger = found[index] ?? 0;
    const forms = (trigger < 0 ? formsWithSign[-trigger] : formsAlways[trigger]) ?? [];
    if (!effort.spend(forms.length * perForm)) return findings.add("syntax", "too-many-signs", certain, 0, text.length);
    for (const { id, class: attackClass, rule, score, form } of forms) {
      if (findings.has(id)) continue;
      form.lastIndex = at;
      if (form.test(text)) findings.add(attackClass, rule, score, at, form.lastIndex);
    }
  }
}
