import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";
import * as fc from "fast-check";

import { detectType } from "../src/file/detect-type.ts";
import { typeOfName } from "../src/file/extensions.ts";
import { TextWatch } from "../src/file/text-watch.ts";
import { fileUpload } from "../src/index.ts";
import { defaultTypes } from "../src/media-types.ts";
import { exe, filePart, multipart, pdf, png, post, receive, type Receipt, wordTypes, zip } from "./multipart.ts";

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const html = "<!doctype html><script>alert(1)</script>";
const gifScript = "GIF89a=1;alert(1)";

const word = zip({ "[Content_Types].xml": wordTypes, "_rels/.rels": "<x/>", "word/document.xml": "<x/>" });
const wordWithTypesLast = zip({
  "_rels/.rels": "<x/>",
  "docProps/app.xml": "<x/>",
  "word/document.xml": "<x/>",
  "[Content_Types].xml": wordTypes,
});
const jpeg = Buffer.concat([Buffer.from("ffd8ffe000104a46494600010100", "hex"), Buffer.alloc(200)]);
const gif = Buffer.concat([Buffer.from("GIF89a\x01\0\x01\0", "latin1"), Buffer.alloc(200)]);
const webp = Buffer.concat([Buffer.from("RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "latin1"), Buffer.alloc(200)]);

type Case = readonly [what: string, head: string | Buffer, name: string, declared: string | undefined, type: string];

const accepted: readonly Case[] = [
  ["a PDF", pdf(), "a.pdf", "application/pdf", "application/pdf"],
  ["a PDF without any claim", pdf(), "a", undefined, "application/pdf"],
  ["a PDF that is all ASCII", "%PDF-1.4\n1 0 obj", "a.pdf", "application/pdf", "application/pdf"],
  ["a PNG declared as bytes", png(), "a.png", "application/octet-stream", "image/png"],
  ["a PNG under another name of its type", png(), "a.PNG", "image/x-png", "image/png"],
  ["a JPEG", jpeg, "a.jpg", "image/jpg", "image/jpeg"],
  ["a GIF", gif, "a.gif", "image/gif", "image/gif"],
  ["a WebP", webp, "a.webp", "image/webp", "image/webp"],
  ["a docx", word, "a.docx", docx, docx],
  ["a docx whose list of types comes last", wordWithTypesLast, "a.docx", docx, docx],
  ["text", "hello", "a.txt", "text/plain", "text/plain"],
  ["text with a charset", "hello", "a.txt", "text/plain;charset=utf-8", "text/plain"],
  ["text with a byte order mark", "\uFEFFhello", "a.txt", "text/plain", "text/plain"],
  ["text with an unknown extension", "x = 1", "a.py", "application/octet-stream", "text/plain"],
  ["text that begins like a bitmap", "BMW is a maker of cars", "a.txt", "text/plain", "text/plain"],
  ["text that begins like a program", "MZ is a country code in a list", "a.txt", "text/plain", "text/plain"],
  ["text that begins like a GIF", "GIFs are images", "notes.md", "text/markdown", "text/markdown"],
  ["Markdown declared as plain text", "# Title", "README.md", "text/plain", "text/markdown"],
  ["Markdown with HTML in it", `# Title\n${html}`, "README.md", "text/markdown", "text/markdown"],
  ["Markdown in a text file", "# Title", "a.txt", "text/x-markdown", "text/markdown"],
  ["CSV as Windows declares it", "a;b\r\n1;2\r\n", "a.csv", "application/vnd.ms-excel", "text/csv"],
  ["JSON without a declared type", "{}", "a.json", undefined, "application/json"],
  ["JSON with a special declared type", "{}", "a", "text/json", "application/json"],
  ["a text type that is not on the list, as plain text", "a: 1", "a.yaml", "text/plain", "text/plain"],
  ["an empty text", "", "a.txt", "text/plain", "text/plain"],
];

const refused: readonly (readonly [what: string, head: string | Buffer, name: string, declared: string | undefined, why: RegExp])[] = [
  ["a program named .pdf", exe(), "a.pdf", "application/pdf", /is application\/x-msdownload by its bytes/],
  ["a program", exe(), "a.exe", "application/x-msdownload", /not accepted here/],
  ["a program without a claim", exe(), "a", undefined, /not accepted here/],
  ["a PNG declared as JPEG", png(), "a.png", "image/jpeg", /is image\/png by its bytes/],
  ["a PNG named .html", png(), "a.html", "image/png", /is image\/png by its bytes/],
  ["a PNG named .php", png(), "a.php", undefined, /is image\/png by its bytes/],
  ["a PDF declared as text", pdf(), "a.pdf", "text/plain", /is application\/pdf by its bytes/],
  ["HTML as PNG", html, "a.png", "image/png", /is text\/plain by its bytes/],
  ["SVG as PNG", svg, "a.png", "image/png", /is text\/plain by its bytes/],
  ["SVG", svg, "a.svg", "image/svg+xml", /is declared as a type that is not accepted/],
  ["SVG with an XML declaration as JPEG", `<?xml version="1.0"?>${svg}`, "a.jpg", "image/jpeg", /is application\/xml by its bytes/],
  ["XML as plain text", '<?xml version="1.0"?><a/>', "a.txt", "text/plain", /application\/xml/],
  ["a script with the signature of a GIF", gifScript, "a.gif", "image/gif", /is text\/plain by its bytes/],
  ["HTML", html, "a.html", "text/html", /is declared as a type that is not accepted/],
  ["HTML declared as plain text", html, "a.html", "text/plain", /is text\/html, which is not accepted/],
  ["HTML declared as CSV", html, "a.html", "text/csv", /is text\/plain by its bytes/],
  ["PHP declared as plain text", "<?php system($_GET[0]);", "a.php", "text/plain", /not accepted/],
  ["text declared as PDF", "hello", "a.pdf", "application/pdf", /is text\/plain by its bytes/],
  ["text named .pdf", "hello", "a.pdf", undefined, /is text\/plain by its bytes/],
  ["an empty image", "", "a.png", "image/png", /is text\/plain by its bytes/],
  ["text with NUL", "a\0b", "a.txt", "text/plain", /cannot be detected from its bytes/],
  ["text with an escape character", "a\x1B[31mb", "a.txt", "text/plain", /cannot be detected from its bytes/],
  ["text that is no UTF-8", Buffer.from("Gr\xfc\xdfe", "latin1"), "a.txt", "text/plain", /cannot be detected from its bytes/],
  ["a zip as docx", zip({ "a.txt": "hello" }), "a.docx", docx, /is application\/zip by its bytes/],
  ["a jar as docx", zip({ "META-INF/MANIFEST.MF": "x" }), "a.docx", docx, /java-archive by its bytes/],
  ["a broken zip", Buffer.from("504b0304ffff0000ffff", "hex"), "a.docx", docx, /./],
  [
    "a GIF that is HTML as well",
    Buffer.concat([gif, Buffer.from(html)]),
    "a.gif",
    "image/gif",
    /image\/gif by its first bytes, but holds HTML/,
  ],
  ["a PNG with PHP in its comment", Buffer.concat([png(), Buffer.from("<?php system($_GET[0]);")]), "a.png", "image/png", /but holds HTML/],
  ["a JPEG with a script in upper case", Buffer.concat([jpeg, Buffer.from("<SCRIPT>x")]), "a.jpg", "image/jpeg", /but holds HTML/],
  ["a shell script as JPEG", "#!/bin/sh\nrm -rf /\n", "a.jpg", "image/jpeg", /is text\/plain by its bytes/],
  ["UTF-16 with a byte order mark", Buffer.from("\uFEFFhello", "utf16le"), "a.txt", "text/plain", /is text in UTF-16; send it in UTF-8/],
  ["UTF-16 in the other order", Buffer.from("\uFEFFhello", "utf16le").swap16(), "a.txt", "text/plain", /is text in UTF-16/],
  ["RTF as plain text", "{\\rtf1 hello}", "a.txt", "text/plain", /is application\/rtf by its bytes/],
];

const allowed = new Set(defaultTypes);

for (const [what, head, name, declared, type] of accepted) {
  test(`${what} passes`, async () => {
    assert.deepEqual(
      await detectType({ head: Buffer.from(head as string), declared: declared?.split(";")[0], named: typeOfName(name) }, allowed),
      { type },
    );
  });
}

for (const [what, head, name, declared, why] of refused) {
  test(`${what} is refused`, async () => {
    const decision = await detectType({ head: Buffer.from(head as string), declared, named: typeOfName(name) }, allowed);
    assert.ok("refusal" in decision, JSON.stringify(decision));
    assert.match(decision.refusal, why);
  });
}

test("a head that ends within a character is text, one with a wrong byte is not", async () => {
  const head = Buffer.from(`${"x".repeat(100)}ü`).subarray(0, 101);
  assert.deepEqual(await detectType({ head, declared: "text/plain", named: undefined }, allowed), { type: "text/plain" });
  const broken = Buffer.concat([Buffer.from("ü").subarray(0, 1), Buffer.from("x")]);
  assert.ok("refusal" in (await detectType({ head: broken, declared: "text/plain", named: undefined }, allowed)));
});

test("a text is followed to its end the same way however it comes", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\0"), maxLength: 30 }).map((string) => Buffer.from(string));
  const bytes = fc.oneof(
    text,
    fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 5 }), (content, size) => {
      const watch = new TextWatch();
      let isText = true;
      for (let at = 0; at < content.length && isText; at += size) isText = watch.accepts(content.subarray(at, at + size));
      assert.equal(isText && watch.complete, isUtf8(content) && !content.includes(0));
    }),
    { numRuns: 2_000 },
  );
});

forEachHost((host) => {
  test("accepted and refused files are so on the wire, and the type that was found is handed on", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    for (const [what, head, name, declared, type] of accepted) {
      const response = await post(app.url, multipart(filePart(Buffer.from(head as string), name, declared ?? "")));
      const { parts, type: first } = (await response.json()) as Receipt;
      assert.deepEqual([what, first, parts[0]?.type], [what, type, type]);
    }
    for (const [what, head, name, declared] of refused) {
      const response = await post(app.url, multipart(filePart(Buffer.from(head as string), name, declared ?? "")));
      assert.deepEqual([what, response.status], [what, 415]);
      await response.text();
    }
  });

  test("a text with an invalid byte is refused, wherever the byte is", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    const good = Buffer.from("€".repeat(60_000));
    for (const at of [20_000, 65_535, 131_072, good.length - 1]) {
      const withNul = Buffer.from(good);
      withNul[at] = 0;
      const withWrongByte = Buffer.from(good);
      withWrongByte[at] = 0xff;
      for (const content of [withNul, withWrongByte]) {
        const response = await post(app.url, multipart(filePart(content, "a.txt", "text/plain")));
        assert.deepEqual([at, response.status], [at, 415]);
        await response.text();
      }
    }
    assert.equal((await post(app.url, multipart(filePart(good, "a.txt", "text/plain")))).status, 200);
  });

  test("text whose 16 KiB head is cut within a character passes", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    for (const shift of [0, 1, 2]) {
      const response = await post(app.url, multipart(filePart(`${"x".repeat(shift)}${"€".repeat(20_000)}`, "a.txt", "text/plain")));
      assert.equal(response.status, 200);
      await response.text();
    }
  });
});
