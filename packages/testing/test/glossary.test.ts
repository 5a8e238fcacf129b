import assert from "node:assert/strict";
import { globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { readFromRoot, root } from "../src/root.ts";
import { sourceTexts } from "../src/source-texts.ts";
import { workspacePackages } from "../src/workspace.ts";

interface Term {
  readonly found: RegExp;
  readonly write: string;
  /** Where the word is the right one. */
  readonly except?: RegExp;
}

/** Words that readers stumble over, and what to write instead. */
const terms: readonly Term[] = [
  { found: /\banswer(?:s|ed|ing)?\b/gi, write: "response, respond, return", except: /\| Answer|answer neither|shows neither/ },
  { found: /\bfaults?\b/gi, write: "error, problem" },
  { found: /\b(?:tells?|telling|told)\b/gi, write: "report, say, log, distinguish" },
  { found: /\b(?:hears?|heard)\b/gi, write: "receive, be notified" },
  { found: /\bservices? behind\b(?! the gateway)/gi, write: "upstream service" },
  { found: /\b(?:is|are|while \w+ is) away\b/gi, write: "is down, is unavailable" },
  { found: /\banew\b/gi, write: "again, re-encoded, rewritten" },
  { found: /\bwhoever\b/gi, write: "anyone who, callers that" },
  { found: /\b(?:is|are) sound\b/gi, write: "is valid" },
  { found: /\bpieces?\b/gi, write: "chunk", except: /docs\/evidence/ },
  { found: /\bborne\b/gi, write: "tolerated" },
  { found: /\b(?:mends?|mended)\b/gi, write: "fix" },
  { found: /\b(?:lets? off)\b/gi, write: "clear, exempt" },
  { found: /\b(?:is|are|when) wanted\b/gi, write: "requested" },
  { found: /\bas (?:it|they) c[ao]mes?\b/gi, write: "unchanged, verbatim" },
  { found: /\ban? [\w-]+ of (?:its|their|our) own\b/gi, write: "its own" },
  { found: /\bof course\b/gi, write: "nothing" },
  { found: /\bodd names\b/gi, write: "nonstandard header names" },
  { found: /(?:^|[.:;] )Who (?!do|does|is|are|can|may|must|waits)\w/gm, write: "anyone who, the operator" },
];

/** What people read of a page: without code, names in backticks and addresses. */
const proseOf = (markdown: string): string =>
  markdown
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, "`x`")
    .replaceAll(/\]\([^)]*\)/g, "]");

const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
  cwd: root,
  exclude: ["docs/{api,node_modules}/**"],
}).toSorted();

function wordsIn(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) =>
      terms
        .filter(({ except }) => except?.test(line) !== true)
        .flatMap(({ found, write }) =>
          Array.from(line.matchAll(found), ([word]) => `"${word.trim()}" (write ${write}) in: ${line.trim()}`),
        ),
    );
}

for (const page of pages) {
  test(`${page} uses the words of the field`, () => assert.deepEqual(wordsIn(proseOf(readFromRoot(page))), []));
}

const folderNames = (parent: string): string[] =>
  readdirSync(join(root, parent), { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [`${parent}/${each.name}`] : []));

/** Texts that must use such words: what people say to the demo, and a list of English words. */
const dialogues =
  /examples\/village\/src\/(?:knowledge\/words|twin\/companion|agents\/)|benchmarks\/src\/traffic|fake-provider\/chat-captures/;

/** Folders whose sources are read together. */
const folders = [...workspacePackages.map(({ folder }) => `packages/${folder}`), ...folderNames("examples"), "docs"];

for (const folder of folders) {
  const filesIn = (pattern: string): string[] =>
    globSync(`${folder}/${pattern}`, { cwd: root, exclude: ["**/{node_modules,dist,api}/**"] });

  test(`comments and strings of ${folder} use the words of the field`, () => {
    const files = filesIn("{*.ts,{src,tools}/**/*.{ts,js},.vitepress/{*,theme/*}.ts}").filter((file) => !dialogues.test(file));
    const texts = files.flatMap((file) => {
      const { comments, strings } = sourceTexts(file, readFromRoot(file));
      return comments.concat(strings);
    });
    assert.deepEqual(texts.map(proseOf).flatMap(wordsIn), []);
  });

  test(`names of tests of ${folder} use the words of the field`, () => {
    const files = filesIn("{*,{test,bench}/**/*}.{test,soak,pack}.ts");
    const names = files.flatMap((file) => sourceTexts(file, readFromRoot(file)).testNames);
    assert.deepEqual(names.map(proseOf).flatMap(wordsIn), []);
  });
}

test("the words are found in comments, strings, templates and names of tests, and not in code", () => {
  const { comments, strings, testNames } = sourceTexts(
    "example.ts",
    'const answer = `a fault: ${answer}`; /** An answer. */ test("hears", () => log("told at once")); // anew\n',
  );
  const found = [comments, strings, testNames].map((texts) => texts.flatMap(wordsIn).map((line) => line.split(" (")[0]));
  assert.deepEqual(found, [['"answer"', '"anew"'], ['"fault"', '"told"'], ['"hears"']]);
});
