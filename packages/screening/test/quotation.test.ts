import assert from "node:assert/strict";
import { test } from "node:test";

import { type Quotation, quotationAround } from "../src/judgement/quotation.ts";

const attack = "' or 'a'='a";

/** The quotation around this attack in a text. */
function around(text: string): Quotation | undefined {
  const start = text.indexOf(attack);
  return quotationAround(text, start, start + attack.length);
}

test("quotes of all languages hold what a sentence quotes", () => {
  for (const pair of ["``", '""', "„“", "„”", "“”", "””", "«»", "»«", "‹›", "‚‘", "‘’", "「」", "『』", "《》"]) {
    const quotation = around(`Was macht ${pair.charAt(0)}${attack}${pair.charAt(1)} hier?`);
    assert.deepEqual(quotation && [quotation.lettersBefore, quotation.lettersAfter], [8, 4], pair);
  }
  assert.equal(around(`何が「${attack}」ですか？`)?.sign, "typographic");
  assert.equal(around(`« ${attack} » est-il dangereux ?`)?.lettersBefore, 0);
});

test("what follows something quoted is not quoted, and neither is what a quote never ends", () => {
  for (const text of [
    `Who wrote “Emma”? ${attack}`,
    `Wer schrieb „Faust“? ${attack}`,
    `名前は「太郎」です。${attack}`,
    `It says “${attack}`,
    attack,
  ])
    assert.equal(around(text), undefined, text);
});

test("a quote that code goes on behind ends no quotation", () => {
  for (const rest of ["');</script>", "';--", "'),x", "');"]) assert.equal(around(`'${attack} x(1${rest}`), undefined, rest);
  for (const rest of ["') is one.", "'; and more", "', he said", "'.)"])
    assert.equal(around(`It says (see '${attack}${rest}`)?.sign, "'", rest);
});

test("values of JSON and of code are data, and no sentence quotes them", () => {
  for (const text of [`{"age": 3, "name": "${attack}", "x": 1}`, `["${attack}", 1]`, `name="${attack}" `])
    assert.equal(around(text)?.sign, "data", text);
  assert.equal(around(`{"name":"${attack}"}`), undefined);
  assert.equal(around(`For example: "${attack}" is one.`)?.sign, '"');
});

test("only the sentence of the quotation counts, and only its line", () => {
  assert.deepEqual(around(`Rome is old. See «${attack}» there\nand here`), { sign: "typographic", lettersBefore: 3, lettersAfter: 5 });
});
