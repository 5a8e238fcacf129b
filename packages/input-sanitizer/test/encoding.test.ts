import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";

import * as fc from "fast-check";

import { anything, assertProblem, postTo, serve } from "./problem-app.ts";

const quoted = (...bytes: number[]): Uint8Array => new Uint8Array([0x22, ...bytes, 0x22]);

test("bytes that are no UTF-8 are refused by name", async () => {
  await using app = await serve({ body: anything });
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["a lone continuation byte", quoted(0x80)],
    ["a sequence cut short", quoted(0xe2, 0x82)],
    ["half a surrogate pair in CESU-8", quoted(0xed, 0xa0, 0x80)],
    ["an overlong slash", quoted(0xc0, 0xaf)],
    ["an overlong NUL", quoted(0xc0, 0x80)],
    ["beyond U+10FFFF", quoted(0xf4, 0x90, 0x80, 0x80)],
    ["Latin-1", Buffer.from('"é"', "latin1")],
    ["UTF-16 with its mark", Buffer.from('\uFEFF{"a":1}', "utf16le")],
  ];
  for (const [name, bytes] of cases) {
    const response = await postTo(app, bytes);
    assert.deepEqual([response.status, response.json.detail], [400, "The body is not valid UTF-8."], name);
  }
  assertProblem(await postTo(app, Buffer.from('{"a":1}', "utf16le")), 400, "malformed-json", /not valid JSON at line 1, column 2/);
});

test("a byte order mark at the start is refused, one inside a string is a character", async () => {
  await using app = await serve({ body: anything });
  assertProblem(await postTo(app, "\uFEFF1"), 400, "malformed-json", /byte order mark/);
  assert.equal((await postTo(app, '"\uFEFFx"')).json.body, "\uFEFFx");
});

test("a charset other than UTF-8 is a 415, before the body is looked at", async () => {
  await using app = await serve({ body: anything });
  for (const charset of ["utf-16", "utf-16le", "utf-7", "iso-8859-1", "utf-8; charset=utf-16", "", '"utf-8 "x']) {
    const response = await postTo(app, "1", { "Content-Type": `application/json; charset=${charset}` });
    assertProblem(response, 415, "unsupported-media-type");
    assert.equal(response.headers.get("accept"), "application/json");
  }
});

test("a body in any content coding is a 415 that names the one that is read", async () => {
  await using app = await serve({ body: anything });
  for (const coding of ["gzip", "br", "deflate", "zstd", "x-gzip", "gzip, identity", "identity, gzip", "none"]) {
    const response = await postTo(app, "1", { "Content-Encoding": coding });
    assertProblem(response, 415, "unsupported-media-type", /must not be compressed/);
    assert.equal(response.headers.get("accept-encoding"), "identity");
  }
  assert.equal((await postTo(app, "1", { "Content-Encoding": "Identity" })).status, 200);
});

test("text for a model and what a schema only flags may have NUL and half surrogate pairs, and goes on unchanged", async () => {
  const body = {
    type: "object",
    properties: {
      messages: { type: "array", screen: { conversation: "prose" } },
      tools: { type: "array", screen: { flag: "prose" } },
      document: { type: "string", screen: "model" },
      note: { type: "string", screen: "prose" },
      password: { type: "string", screen: { off: "password" } },
    },
  };
  await using app = await serve({ body });
  for (const broken of [String.raw`\u0000`, String.raw`\ud83d`]) {
    const said = (text: string): string => `{"role":"user","content":"${text}"}`;
    const before = `${said(`a${broken}`)},{"role":"assistant","content":"b${broken}"},{"role":"tool","content":"c${broken}"}`;
    const passes = `{"messages":[${before},${said("Go on")}],"tools":[{"k${broken}":"${broken}"}],"document":"${broken}"}`;
    assert.equal((await postTo(app, passes)).json.text, passes);
    for (const refused of [
      `{"messages":[${before},${said(broken)}]}`,
      `{"note":"${broken}"}`,
      `{"password":"${broken}"}`,
      `{"${broken}":1}`,
    ]) {
      assertProblem(await postTo(app, refused), 400, "malformed-input");
    }
  }
});

test("without a word of the schema NUL and half surrogate pairs are refused wherever they stand, escaped or not", async () => {
  await using app = await serve({ body: anything });
  const cases: readonly (readonly [string, string])[] = [
    [String.raw`["\u0000"]`, "#/0"],
    [String.raw`{"a":{"b":"x\u0000"}}`, "#/a/b"],
    [String.raw`{"\u0000":1}`, "#/%00"],
    [String.raw`["\ud800"]`, "#/0"],
    [String.raw`["\udc00\ud800"]`, "#/0"],
    [String.raw`["\ud83d x"]`, "#/0"],
    [String.raw`{"a":"\uDBFF"}`, "#/a"],
  ];
  for (const [text, pointer] of cases) {
    const response = await postTo(app, text);
    assertProblem(response, 400, "malformed-input");
    assert.equal(response.json.errors?.[0]?.["pointer"], pointer, text);
  }
  assert.equal((await postTo(app, String.raw`["\ud83d\ude00"]`)).status, 200);
  assertProblem(await postTo(app, "\0"), 400, "malformed-json");
});

test("of any bytes, those that are JSON in UTF-8 are read as the engine reads them, all others are a 400", async () => {
  await using app = await serve({ body: anything, screening: false });
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }).map((part) => `"${part}"`),
    fc.string({ unit: "binary" }),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    text.map((part) => new TextEncoder().encode(part)),
  );
  const damaged = fc.tuple(bytes, fc.nat(60), fc.nat(255)).map(([good, at, byte]) => good.map((was, index) => (index === at ? byte : was)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, damaged), async (given) => {
      const response = await postTo(app, given);
      if (response.status === 200) {
        assert.ok(isUtf8(given));
        assert.deepEqual(response.json.body, JSON.parse(Buffer.from(given).toString()));
      } else {
        assert.match(`${response.status} ${response.json.type}`, /^400 (?:malformed-json|malformed-input|forbidden-key)$/);
        if (!isUtf8(given))
          assert.equal(response.json.detail, given.length === 0 ? "The body is empty; send a JSON value." : "The body is not valid UTF-8.");
      }
    }),
    { numRuns: 200 },
  );
});
