import type { Agent } from "./agent.ts";
import { evaluate } from "./expression.ts";

/** Computes: `what is 12 * 7?`, `(2 + 3) / 4`, `5 plus 6 times 2`, `2 ^ 10`. */
export const arithmeticAgent: Agent = {
  name: "arithmetic",
  accepts: (query) => toExpression(query) !== undefined,
  answer: ({ query }) => Promise.resolve({ answer: calculate(toExpression(query) ?? ""), sources: [] }),
};

const preamble = /^(?:please\s+)?(?:what(?:'s|\s+is)|how\s+much\s+is|calculate|compute|work\s+out)\s+/i;
const spoken: readonly (readonly [RegExp, string])[] = [
  [/\bplus\b/gi, "+"],
  [/\bminus\b|−/gi, "-"],
  [/\btimes\b|\bmultiplied\s+by\b|×|(?<=[\d)]\s*)x(?=\s*[\d(])/gi, "*"],
  [/\bdivided\s+by\b|÷/gi, "/"],
  [/\bmodulo\b/gi, "%"],
  [/\bto\s+the\s+power\s+of\b/gi, "^"],
];

/** The calculation that a question consists of: numbers, brackets, at least one operator between them, and nothing else. */
function toExpression(query: string): string | undefined {
  if (query.length > 300) return undefined;
  const bare = query.replace(preamble, "").replace(/[\s=?!]+$/, "");
  const expression = spoken.reduce((text, [word, symbol]) => text.replace(word, symbol), bare);
  const calculates = /^[-+*/%^().\d\s]+$/.test(expression) && /[\d)]\s*[-+*/%^]\s*[-+(.\d]/.test(expression);
  return calculates ? expression.trim().replace(/\s+/g, " ") : undefined;
}

function calculate(expression: string): string {
  try {
    const value = evaluate(expression);
    return Number.isFinite(value) ? `${expression} ${format(value)}` : `${expression} has no finite result.`;
  } catch (error) {
    return `I cannot calculate ${expression}: ${(error as SyntaxError).message}.`;
  }
}

/** Twelve digits are sure; where there may be more, the result says that it is rounded. */
function format(value: number): string {
  const shown = String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(12)));
  const exact = Number.isSafeInteger(value) || shown.replace(/\D/g, "").length < 12;
  return `${exact ? "=" : "≈"} ${shown}`;
}
