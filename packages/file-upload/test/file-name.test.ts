import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import * as fc from "fast-check";

import { normaliseFileName } from "../src/file/file-name.ts";
import { fileUpload } from "../src/index.ts";
import { filePart, multipart, pdf, post, receive, type Receipt, type RawPart } from "./multipart.ts";

const cases: readonly (readonly [given: string, expected: string])[] = [
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "passwd"],
  ["C:\\Users\\me\\report.pdf", "report.pdf"],
  ["a/b\\c/d.txt", "d.txt"],
  ["dir/", "upload"],
  ["..", "upload"],
  ["...", "upload"],
  ["", "upload"],
  [" . . ", "upload"],
  [".htaccess", "htaccess"],
  ["..\\..hidden", "hidden"],
  ["name.", "name"],
  ["a\0b\r\nc.txt", "abc.txt"],
  ["report\u202Efdp.exe", "reportfdp.exe"],
  ["\u2066x\u2069.txt", "x.txt"],
  ["\uFEFF\u200B.txt", "txt"],
  ["u\u0308ber.txt", "über.txt"],
  ['a<b>c:d"e|f?g*h.txt', "a_b_c_d_e_f_g_h.txt"],
  ["a%22b%0D%0Ac%0a.txt", "a_b__c_.txt"],
  ["a%2\u200B2b%41.txt", "a_b%41.txt"],
  ["NUL", "_NUL"],
  ["com1.txt", "_com1.txt"],
  ["console.txt", "console.txt"],
  ["\uD800.txt", "txt"],
  ["日本語.pdf", "日本語.pdf"],
  ["👩‍👩‍👧.png", "👩‍👩‍👧.png"],
];

test("names become one harmless path component", () => {
  for (const [given, expected] of cases) assert.equal(normaliseFileName(given, 255), expected, JSON.stringify(given));
});

test("long names are shortened before their extension, never within a character", () => {
  assert.equal(normaliseFileName(`${"a".repeat(300)}.pdf`, 64), `${"a".repeat(60)}.pdf`);
  assert.equal(normaliseFileName(`${"ü".repeat(300)}.pdf`, 63), `${"ü".repeat(29)}.pdf`);
  assert.equal(normaliseFileName(`${"👍".repeat(300)}.pdf`, 63), `${"👍".repeat(14)}.pdf`);
  assert.equal(normaliseFileName(`a.${"x".repeat(300)}`, 32), `a.${"x".repeat(30)}`);
});

test("whatever the name, the result is safe, bounded, in NFC and stays the same when it is normalised again", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    " ",
    "..",
    "\0",
    "\u202E",
    ":",
    "con",
    "nul.",
    "u\u0308",
    "<\u0338",
    ".pdf",
    "é",
    "👍",
    "\uD800",
  );
  const anyName = fc.oneof(
    fc.string({ unit: "binary", maxLength: 120 }),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(anyName, fc.integer({ min: 32, max: 300 }), (given, maxBytes) => {
      const name = normaliseFileName(given, maxBytes);
      assert.ok(name.length > 0 && Buffer.byteLength(name) <= maxBytes);
      assert.doesNotMatch(name, /[/\\<>:"|?*\p{Cc}\p{Cs}\p{Bidi_Control}]|^[.\s]|[.\s]$|^(con|nul)(\.|$)/iu);
      assert.equal(name, name.normalize("NFC"));
      assert.equal(normaliseFileName(name, maxBytes), name);
    }),
    { numRuns: 400 },
  );
});

test("on the wire `filename*` wins, quotes and UTF-8 are understood, an absent name is `upload`", async () => {
  await using app = await listen(toListener(compose(fileUpload({ fileNameLength: 32 }), receive)));
  const nameOf = async (part: RawPart): Promise<string | undefined> => {
    const { parts, summary, filename } = (await (await post(app.url, multipart(part))).json()) as Receipt;
    assert.equal(parts[0]?.filename, filename);
    assert.equal(summary.files[0]?.name, filename);
    return filename;
  };
  const disposition = (parameters: string): RawPart => ({
    headers: [`Content-Disposition: form-data; name="file"${parameters}`, "Content-Type: application/octet-stream"],
    content: pdf(),
  });
  assert.equal(await nameOf(disposition("; filename=\"x.pdf\"; filename*=UTF-8''%e2%82%ac%20rates.pdf")), "€ rates.pdf");
  assert.equal(await nameOf(disposition("; filename*=iso-8859-1'en'%A3.pdf")), "£.pdf");
  assert.equal(await nameOf(disposition("; filename*=UTF-8''..%2F..%2fx%0d%0a%22.pdf")), "x_.pdf");
  assert.equal(await nameOf(disposition('; filename="say \\"hi\\".pdf"')), "say _hi_.pdf");
  assert.equal(await nameOf(disposition('; filename="C:\\\\temp\\\\x.pdf"')), "x.pdf");
  assert.equal(await nameOf(disposition("")), "upload");
  assert.equal(await nameOf(filePart(pdf(), `${"n".repeat(90)}.pdf`)), `${"n".repeat(28)}.pdf`);
});
