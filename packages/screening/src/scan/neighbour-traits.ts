import { Trait } from "../text/trait.ts";

/** The traits of a sign that means something with its neighbours only; `at` is its position among the code units. */
export function neighbourTraits(units: Uint16Array, at: number, code: number): number {
  const before = units[at - 1] ?? 0;
  const next = units[at + 1] ?? 0;
  if (code === 0x27) return apostropheTraits(before, next, units[at + 2] ?? 0);
  if (code === 0x3f) return next > 0x20 ? Trait.shell : 0;
  if (code === 0x28) return before <= 0x20 && isLetter(next) ? 0 : Trait.call;
  if (code === 0x2b) return before > 0x20 && next > 0x20 && joinsWords(units, at) ? Trait.plus : 0;
  if (code === 0x2a) return before === 0x2f || next === 0x28 ? Trait.comment | Trait.call : 0;
  return 0;
}

/** A word of at least two letters on one side; `x+1` has none. */
function joinsWords(units: Uint16Array, at: number): boolean {
  if (isLetter(units[at - 1] ?? 0) && isLetter(units[at - 2] ?? 0)) return true;
  return isLetter(units[at + 1] ?? 0) && isLetter(units[at + 2] ?? 0);
}

/** Nothing for `don't`; `c''at` and `w'h'o` are what shells make of it. */
function apostropheTraits(before: number, next: number, second: number): number {
  if (next === 0x27 || (isLetter(next) && second === 0x27)) return Trait.quote | Trait.shell;
  return isLetter(before) && isLetter(next) ? 0 : Trait.quote;
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}
