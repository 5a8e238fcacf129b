import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

import { addJsonText } from "../src/tokens/json-text.ts";
import { TokenEstimate } from "../src/tokens/token-estimate.ts";

const root = join(import.meta.dirname, "../../..");

function estimated(text: string): number {
  const estimate = new TokenEstimate();
  estimate.text(text);
  return estimate.tokens;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

test("English and code are hardly ever estimated too low, and not far too high", () => {
  const files = globSync(["packages/*/src/**/*.ts", "packages/*/README.md", "docs/**/*.md"], {
    cwd: root,
    exclude: ["**/node_modules/**", "docs/api/**"],
  });
  const ratios = files
    .map((file) => readFileSync(join(root, file), "utf8"))
    .filter((text) => text.length > 400)
    .map((text) => estimated(text) / countTokens(text))
    .toSorted((a, b) => a - b);
  assert.ok(ratios.length > 300);
  assert.ok(quantile(ratios, 0.01) >= 1, `1st percentile ${quantile(ratios, 0.01)}`);
  assert.ok(quantile(ratios, 0.99) <= 1.35, `99th percentile ${quantile(ratios, 0.99)}`);
});

const words = "nobody waits for the end of an answer that passes the gateway 24 times a day and costs 125 tokens".split(" ");

/** 3,000 texts of up to 20 of the words, the same on every run, each with its estimate and its true tokens. */
function sample(separator: string, end = "") {
  let seed = 7;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  return Array.from({ length: 3_000 }, () => {
    const text = Array.from({ length: 1 + random(20) }, () => words[random(words.length)]).join(separator) + end;
    return { text, tokens: estimated(text), truth: countTokens(text) };
  });
}

function assertTogether(texts: ReturnType<typeof sample>): void {
  const ratio = texts.reduce((sum, { tokens }) => sum + tokens, 0) / texts.reduce((sum, { truth }) => sum + truth, 0);
  assert.ok(ratio >= 1 && ratio <= 1.35, String(ratio));
}

for (const [what, end] of [
  ["begins with any word", ""],
  ["ends with a space", " "],
] as const) {
  test(`a short text that ${what} is never estimated too low`, () => {
    const texts = sample(" ", end);
    for (const { text, tokens, truth } of texts) assert.ok(tokens >= truth, `${tokens} of ${truth}: ${JSON.stringify(text)}`);
    assertTogether(texts);
  });
}

test("words that each stand on a line are not estimated too low together", () => {
  assertTogether(sample("\n"));
});

const options = ["verbose", "dry-run", "no-cache", "output-format", "max-depth", "color"];
for (const [what, text] of Object.entries({
  "options in a shell script": `case $1 in\n${options.map((name) => `\t--${name})\n\t\t${name.replaceAll("-", "_").toUpperCase()}=1\n\t\tshift\n\t\t;;\n`).join("")}esac\n`,
  "lists of options": options.map((name) => `'--${name}|-${name[0]}'`).join(" "),
  "lines that are indented by tabs": options.map((name) => `\t$(${name.replace("-", "_")} "$1")\n\t\t"\${${name.slice(0, 5)}}"\n`).join(""),
  "declarations of C": options
    .map((name) => `extern int ${name.replace("-", "_")} (const char *__s, size_t __n)\n     __attribute__ ((__nonnull__ (1)));\n`)
    .join(""),
})) {
  test(`${what} are not estimated too low, and not far too high`, () => {
    const ratio = estimated(text) / countTokens(text);
    assert.ok(ratio >= 1 && ratio <= 1.35, String(ratio));
  });
}

for (const [language, text] of Object.entries({
  German:
    "Der Rat des Dorfes hat am Montagabend beschlossen, eine neue Brücke über den Fluss zu bauen. Sie soll breit genug für Fahrräder sein.",
  Arabic: "قرر مجلس القرية مساء يوم الاثنين بناء جسر جديد فوق النهر، ويجب أن يكون واسعا بما يكفي للدراجات.",
  Russian: "Совет деревни решил в понедельник вечером построить новый мост через реку, достаточно широкий для велосипедов.",
  Japanese: "村議会は月曜日の夜、川に新しい橋を架けることを決めました。自転車が通れるほどの幅が必要です。",
  Chinese: "村委会星期一晚上决定在河上修建一座新桥，桥面要足够宽，可以让自行车通过。",
  Hindi: "ग्राम परिषद ने सोमवार शाम को नदी पर एक नया पुल बनाने का फैसला किया, जो साइकिलों के लिए पर्याप्त चौड़ा होना चाहिए।",
  base64: Buffer.from(Array.from({ length: 600 }, (_, index) => (index * 7_919 * (index + 13)) % 256)).toString("base64"),
})) {
  test(`${language} is estimated within 0.9 to 1.6 of its tokens`, () => {
    const ratio = estimated(text) / countTokens(text);
    assert.ok(ratio >= 0.9 && ratio <= 1.6, String(ratio));
  });
}

/** Some of the characters from one code point to another, in no order. */
const mixed = (first: number, last: number): string =>
  String.fromCodePoint(...Array.from({ length: 2_000 }, (_, index) => first + ((index * 7_919) % (last - first + 1))));
for (const [what, text] of Object.entries({
  "blank lines": "\n".repeat(10_000),
  "blank lines of Windows": "\r\n".repeat(10_000),
  tabs: "\t".repeat(10_000),
  spaces: " ".repeat(10_000),
  "control characters": mixed(1, 8),
  "one control character": "\u0001".repeat(2_000),
  "one mark": "`".repeat(10_000),
  "combining marks": mixed(0x300, 0x36f),
  "ancient Greek": mixed(0x1f00, 0x1fff),
  Cherokee: mixed(0x13a0, 0x13f5),
  Yi: mixed(0xa000, 0xa48c),
  "private use": mixed(0xe000, 0xf8ff),
  cuneiform: mixed(0x12000, 0x12399),
  "variation selectors": mixed(0xe0100, 0xe01ef),
  "Hangul without words": mixed(0xac00, 0xd7a3),
})) {
  test(`a text of ${what} has no hold for next to nothing`, () => {
    const ratio = estimated(text) / countTokens(text);
    assert.ok(ratio >= 0.25, String(ratio));
  });
}

test("a text counts the same whole, in chunks, and as a JSON string with any escapes", () => {
  const text = 'HTTPServer says: "Größe\t12345 😀",\n\n   naïve; 中文 ';
  const whole = estimated(text);
  const pieces = new TokenEstimate();
  for (const piece of text) pieces.text(piece);
  assert.equal(pieces.tokens, whole);
  const json = Buffer.from(JSON.stringify(text));
  const inJson = new TokenEstimate();
  addJsonText(inJson, json, 1, json.length - 1);
  assert.equal(inJson.tokens, whole);
});
