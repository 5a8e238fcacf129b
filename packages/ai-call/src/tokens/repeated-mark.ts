/** Marks that people rule lines with. Vocabularies have long runs of these, and of others a few at most. */
const isRuler = Uint8Array.from({ length: 128 }, (_, code) => Number("!#%*+-./:;=_~".includes(String.fromCharCode(code))));
const few = 3;
const longestRun = 128;

/** Tokens of a mark that follows itself for the `times`-th time. */
export function repeatedMark(code: number, times: number): number {
  if (times > longestRun) return 0.5;
  return times <= few || isRuler[code] === 1 ? 0.02 : 0.25;
}
