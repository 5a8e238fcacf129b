import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { compose, HttpProblem, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { detectType } from "../src/file/detect-type.ts";
import { judgeName } from "../src/file/judge-name.ts";
import { type CheckField, fileUpload } from "../src/index.ts";
import { defaultTypes } from "../src/media-types.ts";
import { fieldPart, filePart, multipart, pdf, png, post, type RawPart, receive } from "./multipart.ts";

const allowed = new Set(defaultTypes);
const text = Buffer.from("just some words\n");

async function isAccepted(name: string, head: Buffer = text, declared = "text/plain"): Promise<boolean> {
  const verdict = judgeName(name);
  return "type" in verdict && "type" in (await detectType({ head, declared, named: verdict.type }, allowed));
}

describe("text under a name that a server, browser or desktop runs is refused", () => {
  const extensions =
    "php php3 php5 php7 php8 phps pht phtml phar inc asp aspx ashx asmx asax cer cshtml vbhtml svc jsp jspx jspf jsw cfm shtml shtm stm cgi fcgi " +
    "htm html hta mht xht xhtml svg svgz xml xsl xslt js mjs cjs bat cmd ps1 psm1 vb vbs vbe jse ws wsf wsh sct scf msh lnk url inf reg " +
    "application settingcontent-ms library-ms iqy slk chm sh bash command desktop webloc exe com dll scr pif cpl war swf class htc rdf rss atom xul mathml wml";
  const names = extensions.split(" ").map((extension) => `a.${extension}`);

  test("by its extension, in any case", async () => {
    for (const name of [...names, "A.PhP", "a.Html", "a.SH"]) assert.ok(!(await isAccepted(name)), name);
  });

  test("by an extension that is hidden", async () => {
    for (const name of [
      "a.php ",
      "a.php.",
      "a.php. . .",
      "a.php::$DATA",
      "a.php::$INDEX_ALLOCATION",
      "a.p%68p",
      "a.p%2568p",
      "a%2ephp",
      "a.php%20",
      "a.php%2e",
      "a.p\u200Bhp",
      "a.\u202Ephp",
      "x/..%2fa.php",
      "a.php.txt",
      "a.PHP7.jpg",
      "a.asp;.txt",
      "a.aspx;x.txt",
      "a.jsp.md",
      "a.cgi.csv",
      "a.shtml.en",
      "a.html.de",
      "a.svg.fr.gz",
      "a.html.gz",
      "a.xml.utf8",
      "a\uFF0Ehtml",
      "a\u3002html",
      "a\uFF61html",
      "a.\uFF48\uFF54\uFF4D\uFF4C",
      "a.ht\u00ADml",
      "a\uFF0570hp.p\uFF0568p",
    ])
      assert.ok(!(await isAccepted(name)), JSON.stringify(name));
  });

  test("by a name that is a server's configuration", async () => {
    for (const name of [".htaccess", "x/.htaccess", ".HTACCESS", ".htpasswd", ".user.ini", "web.config", "Web.Config", ".htaccess."])
      assert.ok(!(await isAccepted(name)), name);
  });

  test("by an encoded NUL", () => {
    for (const name of ["a.php%00.txt", "a.txt%00", "a.php\0.txt", "a%2500.txt"])
      assert.ok("problem" in judgeName(name), JSON.stringify(name));
  });
});

test("ordinary names are accepted", async () => {
  for (const name of [
    "notes.txt",
    "report.v1.2.txt",
    "Acme.Inc.txt",
    "example.com.txt",
    "page.html.de.txt",
    "Acme.Inc.de",
    "notes.txt.de",
    "100% sure.txt",
    "50%25 off.txt",
    "my%20notes.txt",
    "photo.svg.txt",
    "main.py",
    "app.ts",
    "index.jsx",
    "lib.rs",
    "Makefile",
    "a.b.c.d.md",
    "2026-01-22T10:30:00.csv",
    "rfc 9110; errata.txt",
    "php.txt",
    "asp.net notes.md",
    "C:\\Users\\me\\notes.txt",
    "résumé.txt",
    ".gitignore",
    ".env.example",
    "config",
    "",
  ])
    assert.ok(await isAccepted(name), name);
  assert.ok(await isAccepted("report.v1.2.pdf", pdf(), "application/pdf"));
  assert.ok(await isAccepted("photo.svg.png", png(), "image/png"));
});

describe("an image", () => {
  const withTail = (tail: string): Buffer => Buffer.concat([png(), Buffer.from(tail)]);

  test("with markup or a server-side script in it is refused", async () => {
    for (const tail of [
      "<script>alert(1)</script>",
      "<svg onload=alert(1)>",
      "<SVG/onload=alert(1)>",
      "<img src=x onerror=alert(1)>",
      "<x onclick=alert(1)>",
      '<a b="c"onfocus = alert(1)>',
      "<body onload=x>",
      "<?php echo 1;",
      "<?=`id`?>",
      "<?= system($_GET[0]) ?>",
      '<%@ page import="java.io.*" %>',
      "<% eval request(1) %>",
      '<%= Runtime.exec("id") %>',
      "<iframe src=x>",
      "<object data=x>",
    ])
      assert.ok(!(await isAccepted("a.png", withTail(tail), "image/png")), tail);
  });

  test("with the metadata of cameras and editors, or any compressed bytes, is accepted", async () => {
    const xmp =
      '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="" ' +
      'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="1" xmpMM:OriginalDocumentID="x"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';
    for (const tail of [xmp, "<?=\x01\x02", "<%\x9c\x01", "<\x00svg", "1 < 2 and on = off"])
      assert.ok(await isAccepted("a.png", withTail(tail), "image/png"), tail);
  });
});

test("folded part headers are joined (RFC 5322, 2.2.3)", async () => {
  await using server = await listen(toListener(compose(fileUpload(), receive)));
  const headers = 'Content-Disposition: form-data;\r\n name="file";\r\n\tfilename="a.txt"\r\nContent-Type:\r\n text/plain';
  const response = await post(server.url, multipart({ headers, content: text }));
  assert.equal(response.status, 200);
});

describe("checkField", () => {
  async function send(checkField: CheckField, ...parts: readonly RawPart[]) {
    const handler = compose(fileUpload({ checkField }), (_req, res) => void res.end("passed"));
    await using server = await listen(
      toListener(handler, (error, _req, res) => void res.writeHead((error as HttpProblem).status).end("refused")),
    );
    const response = await post(server.url, multipart(...parts));
    return [response.status, await response.text()];
  }
  const refuseBad: CheckField = ({ value }) => (value === "bad" ? new HttpProblem({ status: 422 }) : undefined);

  test("gets name and value of each field, and refuses the upload with what it returns", async () => {
    const seen: string[] = [];
    const note: CheckField = ({ name, value }) => void seen.push(`${name}=${value}`);
    assert.deepEqual(await send(note, fieldPart("title", "Grüße"), fieldPart("n", "2"), filePart(text, "a.txt", "text/plain")), [
      200,
      "passed",
    ]);
    assert.deepEqual(seen, ["title=Grüße", "n=2"]);
    assert.deepEqual(await send(refuseBad, fieldPart("title", "bad"), filePart(text, "a.txt", "text/plain")), [422, "refused"]);
    assert.deepEqual(await send(refuseBad, filePart(text, "a.txt", "text/plain"), fieldPart("title", "bad")), [422, "refused"]);
  });
});
