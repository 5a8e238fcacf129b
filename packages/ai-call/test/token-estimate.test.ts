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
