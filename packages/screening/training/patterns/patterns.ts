import { attackWords } from "./attack-words.ts";
import { codeWords } from "./code-words.ts";
import { everydayPatterns } from "./everyday-patterns.ts";
import { everydayWords } from "./everyday-words.ts";
import { formulaWords } from "./formula-words.ts";
import { shellWords } from "./shell-words.ts";
import { technicalPatterns } from "./technical-patterns.ts";

export { attackPatterns, explaining } from "./attack-patterns.ts";
export { explainingElsewhere, harmlessQuotes, sentencesElsewhere } from "./languages.ts";

/** Words for the blanks of the patterns; they may have blanks, too. */
export const words: Readonly<Record<string, readonly string[]>> = {
  ...everydayWords,
  ...formulaWords,
  ...shellWords,
  ...codeWords,
  ...attackWords,
};

/** Texts that look a little like attacks. */
export const patterns: readonly string[] = [...everydayPatterns, ...technicalPatterns];
