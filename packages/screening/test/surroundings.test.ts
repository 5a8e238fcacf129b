import assert from "node:assert/strict";
import { test } from "node:test";

import { type Evidence, excerptAt } from "../src/evidence.ts";
import type { FeatureSink } from "../src/judgement/feature-slots.ts";
import { addShape } from "../src/judgement/shape.ts";
import { addSurroundings } from "../src/judgement/surroundings.ts";

const attack = "' or 1=1 --";

/** The names of the features that are added. */
function namesOf(addTo: (features: FeatureSink) => void): string[] {
  const names: string[] = [];
  addTo({ add: (...parts) => names.push(parts.join("")) });
  return names;
}

/** What is known of a match of this attack inside a text. */
function around(text: string): string[] {
  const start = text.indexOf(attack);
  const evidence: Evidence = {
    id: "sqli/condition",
    class: "sqli",
    rule: "condition",
    score: 8,
    span: [start, start + attack.length],
    counts: true,
    around: excerptAt(text, start),
  };
  return namesOf((features) => addSurroundings(evidence, text, 0, features));
}

test("what a match follows is known: nothing, a question, a word, a line", () => {
  const follows = (text: string): string | undefined => around(text).find((name) => name.startsWith("sqli follows "));
  assert.equal(follows(attack), "sqli follows nothing");
  assert.equal(follows(`Who is it? ${attack}`), "sqli follows question and space");
  assert.equal(follows(`How do I stop ${attack}`), "sqli follows word and space");
  assert.equal(follows(`one\n \t${attack}`), "sqli follows line");
  assert.equal(follows(`one\r\n \r\n${attack}`), "sqli follows blank line");
  assert.equal(follows(`bob${attack}`), "sqli follows word");
});

test("quotes and fences that are open around a match are known, and whether they are closed", () => {
  const quoted = (text: string): string | undefined => around(text).find((name) => name.startsWith("sqli in "));
  assert.equal(quoted(`Who is it? ${attack}`), "sqli in  false");
  assert.equal(quoted(`What does \`${attack}\` do?`), "sqli in ` true");
  assert.equal(quoted(`What does \`${attack}`), "sqli in ` false");
  assert.equal(quoted(`Why?\n\n\`\`\`\n${attack}\n\`\`\``), "sqli in fence  true");
});

test("the words of the sentence around a match are known, and those of other sentences are not", () => {
  const words = around(`Rome is old. How do I stop ${attack} in forms? Thanks`);
  assert.ok(words.includes("true said stop") && words.includes("true goes on forms"));
  assert.ok(!words.some((name) => name.endsWith(" rome") || name.endsWith(" thanks")));
});

test("words of any script are known, and a full-width sign ends a sentence and brings its own space", () => {
  assert.ok(
    around(`Почему ${attack} опасно`).includes("true said почему") && around(`Почему ${attack} опасно`).includes("true goes on опасно"),
  );
  assert.ok(around(`なぜ${attack}`).includes("true said なぜ"));
  const asked = around(`首都はどこですか？${attack}`);
  assert.ok(asked.includes("sqli follows question and space") && !asked.some((name) => name.startsWith("true said ")));
});

test("what a sentence says around a quotation is known in any language", () => {
  const of = (text: string): string | undefined => around(text).find((name) => name.startsWith("sqli quoted between "));
  assert.equal(of(`Was bedeutet „${attack}“ hier?`), of(`Что значит «${attack}» тут?`));
  assert.equal(of(`Wer schrieb „Faust“? ${attack}`), undefined);
});

const shapeOf = (text: string): string[] => namesOf((features) => addShape(text, features));

test("the shape of a text distinguishes sentences from code", () => {
  const sentence = shapeOf("How do I find the name of the person who wrote this book?");
  const code = shapeOf("import x from 'y';\nconst a = x[1] ?? {};\n");
  assert.ok(sentence.includes("asks") && !sentence.includes("begins with code"));
  assert.ok(code.includes("begins with code"));
  assert.notDeepEqual(
    sentence.filter((name) => name.startsWith("words ")),
    code.filter((name) => name.startsWith("words ")),
  );
});
