import assert from "node:assert/strict";
import { test } from "node:test";

import { isForeignLetter, isWideSign, plainSign } from "../src/text/scripts.ts";
import { startsPart, startsSentence } from "../src/text/sentence-boundaries.ts";

const code = (character: string): number => character.charCodeAt(0);

test("a sign that ends or parts sentences is the one of ASCII that means the same", () => {
  for (const pair of ["？?", "؟?", "！!", "。.", "।.", "：:", "、,", "??", "xx"])
    assert.equal(plainSign(pair.charCodeAt(0)), pair.charCodeAt(1));
  assert.ok(isWideSign(code("？")) && !isWideSign(code("؟")) && !isWideSign(code("?")));
});

test("letters of all scripts are letters, and signs are none", () => {
  for (const letter of "éßжعक字かー한") assert.ok(isForeignLetter(code(letter)), letter);
  for (const sign of "«“×÷、？؟→a1") assert.ok(!isForeignLetter(code(sign)), sign);
});

test("a part begins behind a sentence of any script, where full-width signs bring their own space", () => {
  for (const text of ["ですか？", "です。", "吗！", "هذا؟ ", "है। ", "Who? "]) {
    assert.ok(startsPart(`${text}x`, text.length), text);
    assert.ok(startsSentence(`${text}x`, text.length), text);
  }
  assert.ok(startsPart("例：x", 2) && !startsSentence("例：x", 2));
  assert.ok(!startsPart("هذا؟x", 4) && !startsPart("です、x", 3));
});
