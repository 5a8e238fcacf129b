import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";

/** Text that mentions what an attack uses, and the attack: by the detectors alone, whatever the model says. */
const cases: Readonly<Record<string, { readonly innocent: readonly string[]; readonly attacks: readonly string[] }>> = {
  "a call that begins a sentence": {
    innocent: ["eval() here can be replaced.", "fetch(url) never resolves on iOS, why?", "alert() is ugly; what else is there?"],
    attacks: ["eval(name)", "eval(name) or die", "alert(1)//", "system('id')", "fetch(url)"],
  },
  "quotes by their signs": {
    innocent: ["Use either ' or \" for strings.", "A password with no ' or \""],
    attacks: ["' or '", 'x\' or "a"="a', "x' or 'a"],
  },
  "a handler of a page that is pasted": {
    innocent: ['<div class="card" onclick="toggle(this)">A</div>', '<li class="a"\n  onmouseover="show(1)">A</li>'],
    attacks: ['" onclick=run() x="', '"><li class="a" onclick="alert(1)">', "x' onfocus=run() autofocus x='"],
  },
};

for (const [kind, { innocent, attacks }] of Object.entries(cases)) {
  describe(kind, () => {
    for (const text of innocent)
      test(`lets ${JSON.stringify(text)} pass`, () => assert.deepEqual(screen(text, { profile: "prose", judge: false }), []));
    for (const text of attacks)
      test(`finds ${JSON.stringify(text)}`, () => assert.notDeepEqual(screen(text, { profile: "prose", judge: false }), []));
  });
}

test("an attack after a sentence is found in any script", () => {
  for (const sentence of ["首都はどこですか？", "法国的首都是哪里？", "ما هي العاصمة؟ ", "What is it? "]) {
    for (const attack of ["/tmp/a|/tmp/b", "alert(document.domain)", "1' or 'a'='a"])
      assert.notDeepEqual(screen(sentence + attack, { profile: "prose", judge: false }), [], sentence + attack);
  }
});
