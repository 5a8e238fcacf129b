import { createRequire } from "node:module";

import type * as yaml from "yaml";

import type { Steps } from "../../steps.ts";
import { ConfigError } from "./config-error.ts";

const require = createRequire(import.meta.url);

/** What a parser reads in a millisecond or two. */
const lexemesPerStep = 1_000;

/** The value of a configuration file. @throws ConfigError that says where the file is not valid */
export function* parseYaml(text: string, path: string): Steps<unknown> {
  // Many gateways are configured by variables alone: the parser is loaded for the first file.
  const { Composer, LineCounter } = require("yaml") as typeof yaml;
  const lines = new LineCounter();
  const tokens = yield* tokensOf(text, lines);
  yield;
  // A warning would quote the file on standard error.
  const [document, second] = new Composer({ logLevel: "error", merge: true }).compose(tokens, true, text.length);
  yield;
  const [error] = document?.errors ?? [];
  if (error !== undefined) throw invalid(path, error.code, lines.linePos(error.pos[0]));
  if (second !== undefined) throw invalid(path, "MULTIPLE_DOCS", lines.linePos(second.range[0]));
  try {
    return document?.toJS() as unknown;
  } catch {
    const at = document === undefined ? undefined : aliasWithoutAnchor(document);
    if (at === undefined) throw invalid(path, "its aliases stand for too much");
    throw invalid(path, "an alias without an anchor, or a text to quote because it begins with `*`,", lines.linePos(at));
  }
}

/** Where the first one stands. */
function aliasWithoutAnchor(document: yaml.Document.Parsed): number | undefined {
  const { visit } = require("yaml") as typeof yaml;
  let at: number | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      at = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return at;
}

function* tokensOf(text: string, lines: yaml.LineCounter): Steps<yaml.CST.Token[]> {
  const { Lexer, Parser } = require("yaml") as typeof yaml;
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: yaml.CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    count += 1;
    if (count % lexemesPerStep === 0) yield;
  }
  return [...tokens, ...parser.end()];
}

/** Such as "duplicate key at line 3, column 5". The message of the parser is not used: it may quote the file, and so a secret. */
function invalid(path: string, code: string, start?: { line: number; col: number }): ConfigError {
  const where = start === undefined ? "" : ` at line ${start.line}, column ${start.col}`;
  return new ConfigError([`The configuration file ${path} is not valid YAML: ${code.replaceAll("_", " ").toLowerCase()}${where}`]);
}
