import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { Strength } from "../src/cmdi/commands.ts";
import { readCommand } from "../src/cmdi/read-command.ts";
import { TextScan } from "../src/scan/text-scan.ts";
import { readOperand } from "../src/sqli/operand.ts";
import { markBreakingQuotes } from "../src/sqli/quote-roles.ts";
import { Kind, type SqlTokens } from "../src/sqli/sql-tokens.ts";
import { tokenizeSql } from "../src/sqli/tokenize-sql.ts";
import { codeSpans, isInCode } from "../src/text/code-spans.ts";
import { startsPart, startsSentence } from "../src/text/sentence-boundaries.ts";
import { WordTable, hashStep, lowerCase } from "../src/text/word-table.ts";
import { type Tag, TagReader } from "../src/xss/tag.ts";

const kindNames = new Map<number, string>(Object.entries(Kind).map(([name, kind]) => [kind, name]));

const scan = new TextScan();
const tokensOf = (text: string, dropLineComments = false): SqlTokens => tokenizeSql(scan.read(text), dropLineComments);

function cut(text: string, dropLineComments = false): string {
  const tokens = tokensOf(text, dropLineComments);
  return Array.from({ length: tokens.length }, (_, at) => `${kindNames.get(tokens.kind(at))}:${tokens.value(at)}`).join(" ");
}

describe("tokens of SQL", () => {
  const cases: readonly (readonly [text: string, tokens: string])[] = [
    ["a = 'b'", "word:a compare:= quote:' word:b quote:'"],
    ["1union", "number:1 word:union"],
    ["1.5e3union", "number:1.5e3 word:union"],
    ["1.union", "number:1. word:union"],
    ["0x41=0x41", "number:0x41 compare:= number:0x41"],
    ["a/* b */c", "word:a word:c"],
    ["a/* b", "word:a comment:/* word:b"],
    ["/*!50000or*/1", "word:or number:1"],
    ["a--b", "word:a comment:-- word:b"],
    ["a#b", "word:a comment:# word:b"],
    ["a<>b!=c<=d", "word:a compare:<> word:b compare:!= word:c compare:<= word:d"],
    ["a||b&&c", "word:a logic:|| word:b logic:&& word:c"],
    ["@@version @a", "variable:@@version variable:@a"],
    ["a\u00a0b\ufffdc", "word:a word:b word:c"],
    ["größe,名", "word:größe comma:, word:名"],
    ["f(x);", "word:f open:( word:x close:) semicolon:;"],
    ["a\u0000", "word:a comment:\u0000"],
  ];
  for (const [text, tokens] of cases) test(JSON.stringify(text), () => assert.equal(cut(text), tokens));

  test("line comments can be dropped where a line break ends them", () => {
    assert.equal(cut("or --x\n1=1", true), "word:or number:1 compare:= number:1");
    assert.equal(cut("or #x\n1=1", true), "word:or number:1 compare:= number:1");
    assert.equal(cut("or --x", true), "word:or comment:-- word:x");
  });

  test("only a comment after a fragment of SQL hides that it goes on", () => {
    assert.ok(tokensOf("x union --a\nselect").hidesJoint);
    assert.ok(tokensOf("1; --a\ndrop").hidesJoint);
    assert.ok(!tokensOf("# Title\ntext").hidesJoint);
    assert.ok(!tokensOf("a = 'b' # note\nc").hidesJoint);
  });

  test("what follows the comment has to be a rest of SQL, and other comments are passed over", () => {
    for (const text of ["1 or --\n1=1", "x or#\n#\n'a'='a", "-1 --\n(select 1)", "1--\nor 1=1", "1 or--\na=a", "1 union all --\nselect 1"])
      assert.ok(tokensOf(text).hidesJoint, text);
    for (const text of [
      "# published by\n# the foundation, or\n# later\necho done",
      "    # this is not\n    # the same\n    return x",
      "head -n 5 --quiet a\ngrep b",
      "ls --all --color\nls",
      "f(a, # one\n  b)",
    ])
      assert.ok(!tokensOf(text).hidesJoint, text);
  });

  test("every token is inside of the text and behind the one before", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.boolean(), (text, drop) => {
        const tokens = tokensOf(text, drop);
        for (let at = 0; at < tokens.length; at += 1) {
          assert.ok(tokens.start(at) >= (at === 0 ? 0 : tokens.endOf(at - 1)));
          assert.ok(tokens.start(at) < tokens.endOf(at) && tokens.endOf(at) <= text.length);
        }
      }),
    );
  });
});

describe("quotes that may leave a string of the query around", () => {
  const cases: readonly (readonly [text: string, breaking: number])[] = [
    ["x' or", 1],
    ["O'Brien", 0],
    ["the 'word' here", 0],
    ["x''", 2],
    ["x'='y", 1],
    ['1" or', 1],
    ["don't 'say' it's", 0],
  ];
  for (const [text, breaking] of cases) {
    test(`${breaking} in ${text}`, () => {
      const tokens = tokensOf(text);
      markBreakingQuotes(tokens);
      const found = Array.from({ length: tokens.length }, (_, at) => tokens.breaks(at)).filter(Boolean).length;
      assert.ok(breaking === 0 ? found === 0 : found >= 1, String(found));
    });
  }
});

describe("operands of SQL", () => {
  const cases: readonly (readonly [text: string, next: number, literal: boolean, call: boolean])[] = [
    ["1 =", 1, true, false],
    ["'a' =", 3, true, false],
    ["-(1) =", 4, true, false],
    ["name =", 1, false, false],
    ["t.name =", 3, false, false],
    ["f(1,2) =", 6, false, true],
    ["null =", 1, true, false],
    ["@a =", 1, false, false],
    ["not 1 =", 2, true, false],
  ];
  for (const [text, next, literal, call] of cases) {
    test(text, () => {
      const operand = readOperand(tokensOf(text), 0);
      assert.deepEqual([operand?.next, operand?.literal, operand?.call], [next, literal, call]);
    });
  }
  test("a clause is none", () => assert.equal(readOperand(tokensOf("from a"), 0), undefined));
});

describe("commands", () => {
  const known: readonly (readonly [text: string, name: string, strength: number])[] = [
    ["whoami", "whoami", Strength.strong],
    [" LS -la", "ls", Strength.strong],
    ["/bin/cat a", "cat", Strength.weak],
    ["c''at /a", "cat", Strength.weak],
    ["w\\hoami", "whoami", Strength.strong],
    ["cmd.exe /c", "cmd", Strength.strong],
    ["python3.11 a.py", "python", Strength.software],
    ["gcc7.4 a", "gcc", Strength.strong],
    ["ssh-keygen -y", "ssh-keygen", Strength.strong],
  ];
  for (const [text, name, strength] of known) {
    test(text, () => {
      const command = readCommand(text, 0);
      assert.deepEqual([command?.name, command?.strength], [name, strength]);
    });
  }
  for (const text of ["", "hello there", "cat=1", "cats", "ls(a)", "top: a", "42", "say 'ls'"]) {
    test(`none in ${JSON.stringify(text)}`, () => assert.equal(readCommand(text, 0), undefined));
  }

  const withArguments = [
    "cat /etc/a",
    "find . -name a",
    "kill -9 1",
    "echo $A",
    "sort < a",
    "set /a 1",
    "chmod +x a",
    "ping 10.0.0.1",
    "net user",
  ];
  for (const text of withArguments) test(`arguments in ${text}`, () => assert.equal(readCommand(text, 0)?.hasArguments, true));
  for (const text of ["find the answer", "sort them", "who are you", "time flies", "make it so"]) {
    test(`a sentence in ${text}`, () => assert.equal(readCommand(text, 0)?.hasArguments, false));
  }
});

describe("tags", () => {
  const readTag = (text: string, start: number): Tag | undefined => new TagReader(new TextScan().read(text)).read(start);
  const attributesOf = (text: string): (readonly string[])[] => readTag(text, 0)?.attributes.map(({ name, value }) => [name, value]) ?? [];
  test("names and values as browsers read them", () => {
    assert.deepEqual(attributesOf("<a href='b' src=d type>"), [
      ["href", "b"],
      ["src", "d"],
      ["type", ""],
    ]);
    assert.deepEqual(attributesOf("<img/src=q/onerror=x>"), [["src", "q/onerror=x"]]);
    assert.deepEqual(attributesOf('<a style = "c d"rel=f>'), [
      ["style", "c d"],
      ["rel", "f"],
    ]);
    assert.deepEqual(attributesOf("<a\nhref\t=\rc>"), [["href", "c"]]);
  });
  test("nothing of attributes that no rule looks at", () => {
    assert.deepEqual(attributesOf("<a href=b class=c on=d aut\u200bofocus>"), [
      ["href", "b"],
      ["on", "d"],
      ["autofocus", ""],
    ]);
    assert.deepEqual(attributesOf("<a class=c id=d>"), []);
    assert.equal(attributesOf("<a class=c href=d>").length, 2);
    assert.deepEqual(attributesOf("<scr ipt>"), [["ipt", ""]]);
    assert.equal(readTag("<a b c=d>", 0)?.count, 2);
    assert.deepEqual(attributesOf("<script a!=b c>"), [
      ["a!", "b"],
      ["c", ""],
    ]);
  });
  test("the end, and whether it is closed", () => {
    assert.deepEqual([readTag("<a b>c", 0)?.end, readTag("<a b>c", 0)?.closed], [4, true]);
    assert.equal(readTag("<a b", 0)?.closed, false);
    assert.equal(readTag("< a", 0), undefined);
    assert.equal(readTag("<SVG>", 0)?.name, "svg");
  });
  test("a tag without an end costs no more than its first characters", () => {
    assert.ok((readTag(`<a ${"b ".repeat(10_000)}`, 0)?.end ?? 0) <= 400);
  });
});

describe("marked code", () => {
  const marks = (text: string, position: string): boolean => isInCode(codeSpans(text), text.indexOf(position));
  test("fences and inline backticks", () => {
    assert.ok(marks("see `a b` there", "b"));
    assert.ok(marks("see\n```\na\nX\n```\nthere", "X"));
    assert.ok(!marks("see `a` X `b`", "X"));
  });
  test("not what nothing closes, what is glued to a word, or long", () => {
    assert.ok(!marks("see `X", "X"));
    assert.ok(!marks("a`X`b", "X"));
    assert.ok(!marks(`\`${"a".repeat(500)}X\``, "X"));
    assert.ok(!marks("```\nX", "X"));
  });
});

describe("parts of a text", () => {
  test("begin at its start and behind a sentence", () => {
    assert.ok(startsPart("a", 0));
    assert.ok(startsPart("  a", 2));
    assert.ok(startsPart("Is it? a", 7));
    assert.ok(startsPart("Like so: a", 9));
    assert.ok(!startsPart("it a", 3));
    assert.ok(!startsPart("it.a", 3));
  });
  test("behind a colon there is no sentence of its own", () => {
    assert.ok(startsSentence("Is it? a", 7));
    assert.ok(!startsSentence("Like so: a", 9));
  });
});

test("a table of words behaves like a map", () => {
  const word = fc.stringMatching(/^[a-z_0-9]{1,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 200 })), { maxLength: 300 }), fc.array(word), (entries, asked) => {
      const table = new WordTable();
      for (const [name, number] of entries) table.add(number, name);
      const map = new Map(entries);
      for (const name of [...asked, ...map.keys()]) assert.equal(table.numberOf(name), map.get(name) ?? 0);
    }),
    { numRuns: 100 },
  );
});

test("a table of words finds them inside a text, whatever their case", () => {
  const table = new WordTable();
  table.add(7, "select");
  const text = "x SeLeCt y";
  let hash = 0;
  for (let at = 2; at < 8; at += 1) hash = hashStep(hash, lowerCase(text.charCodeAt(at)));
  assert.equal(table.get(text, 2, 8, hash), 7);
  assert.equal(table.get(text, 2, 7, hash), 0);
});
