import { parseSync, Visitor } from "rolldown/utils";

/** Texts of a TypeScript source that people read. */
export interface SourceTexts {
  /** Comments, without their asterisks; TSDoc among them. */
  readonly comments: readonly string[];
  /** Strings and templates of two words or more: error details, log messages, output. An expression in a template is an `x`. */
  readonly strings: readonly string[];
  /** Names of tests. */
  readonly testNames: readonly string[];
}

const testFunctions = new Set(["describe", "it", "suite", "test"]);
const isSentence = (text: string): boolean => /\p{L}[,:;.]? \p{L}/u.test(text);

/** Reads the texts of a source. */
export function sourceTexts(file: string, source: string): SourceTexts {
  const { program, comments } = parseSync(file, source);
  const strings: string[] = [];
  const testNames: string[] = [];
  const visitor = new Visitor({
    Literal: ({ value }) => void (typeof value === "string" && strings.push(value)),
    TemplateLiteral: ({ quasis }) => void strings.push(textOfTemplate(quasis)),
    CallExpression({ callee, arguments: [first] }) {
      const name = callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property : callee;
      if (name.type !== "Identifier" || !testFunctions.has(name.name)) return;
      if (first?.type === "Literal" && typeof first.value === "string") testNames.push(first.value);
      if (first?.type === "TemplateLiteral") testNames.push(textOfTemplate(first.quasis));
    },
  });
  visitor.visit(program);
  return { comments: comments.map(({ value }) => withoutAsterisks(value)), strings: strings.filter(isSentence), testNames };
}

const textOfTemplate = (quasis: readonly { readonly value: { readonly cooked: string | null } }[]): string =>
  quasis.map(({ value }) => value.cooked ?? "").join("`x`");

const withoutAsterisks = (comment: string): string => comment.replaceAll(/^\s*\*+ ?/gm, "").trim();
