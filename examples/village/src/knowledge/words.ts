/** Words that carry no meaning of their own in a question. */
const stopWords = new Set(
  `a about actually all also an and answer any are as at be been by call called can could countries country currently describe did do does
  exactly explain find for from give had happen has have hello help hey hi how i if in into is it its just know like list me much my
  name nation need no not now of official on or our please question say show so such tell than thank thanks that the their them then there
  these they this those to today use used uses want was we were what when which who whom whose why will with wonder would you your`.split(
    /\s+/,
  ),
);

/** The cost of looking for a misspelt word grows with the square of its length. */
const maxTermLength = 64;

/** The form in which a word is indexed and looked up: lower case, no accents, no plural; `null` for a word that says nothing. */
export function toTerm(word: string): string | null {
  const plain = word.slice(0, maxTermLength).toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  if (plain === "" || /^[a-z]$/.test(plain) || stopWords.has(plain)) return null;
  return plain.length > 4 ? plain.replace(/(?<![sui])s$/, "") : plain;
}

/** How many letters of a word may be wrong. */
export function allowedTypos(term: string): number {
  if (term.length < 4 || /\d/.test(term)) return 0;
  return term.length < 7 ? 1 : 2;
}
