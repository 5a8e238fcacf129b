import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";

import { type Handler, HttpProblem } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";

import { fileUpload, type FileUploadOptions, getUpload, type RefusalReason, type UploadRefused, uploadRefused } from "../src/index.ts";
import { exe, fieldPart, filePart, multipart, multipartType, pdf, png, post, receive, request, type RawPart } from "./multipart.ts";

interface Outcome {
  status: number;
  type: string | undefined;
  detail: string | undefined;
  /** What `next` of the middleware got, one entry a call. */
  calls: unknown[];
  reasons: RefusalReason[];
}

forEachHost((host) => {
  /** Sends the bytes and tells what the client, the next handler and a listener got. */
  async function outcomeOf(bytes: Buffer, options?: FileUploadOptions): Promise<Outcome> {
    const calls: unknown[] = [];
    const upload = fileUpload(options);
    const watched: Handler = (req, res, next) =>
      upload(req, res, (error) => {
        calls.push(error);
        next(error);
      });
    let problem: HttpProblem | undefined;
    const reasons: RefusalReason[] = [];
    const stop = uploadRefused.subscribe(({ reason }: UploadRefused) => reasons.push(reason));
    await using app = await host.serve([watched, receive], (error, _req, res, _next) => {
      problem = HttpProblem.from(error);
      res.writeHead(problem.status, problem.headers).end();
    });
    const response = await rawRequest(app.port, bytes, 3_000);
    stop();
    return { status: Number(response.slice(9, 12)), type: problem?.type, detail: problem?.detail, calls, reasons };
  }
  const send = (body: Buffer, options?: FileUploadOptions, headers?: Record<string, string>): Promise<Outcome> =>
    outcomeOf(request(body, { Connection: "close", ...headers }), options);

  /** Refused before anything was handed on: one call of `next`, with the problem. */
  async function refusedAtOnce(outcome: Promise<Outcome>, status: number, type: string, detail: RegExp): Promise<void> {
    const got = await outcome;
    assert.deepEqual([got.status, got.type, got.reasons], [status, type, [type]]);
    assert.match(got.detail ?? "", detail);
    assert.equal(got.calls.length, 1);
    assert.ok(got.calls[0] instanceof HttpProblem);
  }

  /** Refused after the hand-over: `next` was called once and without an error, the problem came through the body. */
  async function refusedLater(outcome: Promise<Outcome>, status: number, type: string, detail: RegExp): Promise<void> {
    const got = await outcome;
    assert.deepEqual([got.status, got.type, got.reasons, got.calls], [status, type, [type], [undefined]]);
    assert.match(got.detail ?? "", detail);
  }

  test("a body of another type is a 415, also when a parser of the app has read it; a form that was read is an error of the app", async () => {
    const parser: Handler = async (req, _res, next) => next(void (await buffer(req)));
    await using app = await host.serve([parser, fileUpload(), receive], (error, _req, res, _next) => {
      res.writeHead(HttpProblem.from(error).status).end();
    });
    const statusOf = async (type: string): Promise<number> =>
      (await fetch(app.url, { method: "POST", body: "{}", headers: { "Content-Type": type } })).status;
    assert.equal(await statusOf("application/json"), 415);
    assert.equal(await statusOf("multipart/form-data; boundary=x"), 500);
  });

  const malformed = (body: Buffer, detail: RegExp, options?: FileUploadOptions): Promise<void> =>
    refusedAtOnce(send(body, options), 400, "malformed-upload", detail);
  const withHeaders = (...headers: string[]): RawPart => ({ headers, content: "x" });
  const disposition = 'Content-Disposition: form-data; name="file"; filename="a.txt"';

  test("what is no multipart/form-data is 415 and says what would be", async () => {
    for (const type of ["application/json", "multipart/mixed; boundary=x", "nonsense", "application/x-www-form-urlencoded"]) {
      await refusedAtOnce(send(Buffer.from("{}"), {}, { "Content-Type": type }), 415, "unsupported-media-type", /multipart\/form-data/);
    }
    await using app = await host.serve([fileUpload(), receive]);
    const response = await fetch(app.url);
    assert.deepEqual([response.status, response.headers.get("accept")], [415, "multipart/form-data"]);
    const zipped = send(multipart(filePart(pdf())), {}, { "Content-Encoding": "gzip" });
    await refusedAtOnce(zipped, 415, "unsupported-media-type", /Content-Encoding/);
  });

  test("a missing, empty, overlong or strange boundary is 400", async () => {
    for (const parameter of ["", "; boundary=", '; boundary=""', `; boundary=${"b".repeat(71)}`, '; boundary="a\tb"', '; boundary="b "']) {
      const outcome = send(Buffer.from("x"), {}, { "Content-Type": `multipart/form-data${parameter}` });
      await refusedAtOnce(outcome, 400, "malformed-upload", /boundary of 1 to 70/);
    }
  });

  test("a body without a part or without a file is 400", async () => {
    await malformed(Buffer.from(""), /ends before the closing boundary/);
    await malformed(Buffer.from("no boundary at all"), /ends before the closing boundary/);
    await malformed(multipart(), /has no file/);
    await malformed(multipart(fieldPart("a", "b")), /has no file/);
    await malformed(multipart(filePart("", "", "application/octet-stream")), /has no file/);
  });

  test("bad part headers are 400", async () => {
    await malformed(multipart(withHeaders("Content-Type: text/plain")), /has no `Content-Disposition: form-data/);
    await malformed(multipart(withHeaders('Content-Disposition: attachment; name="file"')), /has no `Content-Disposition: form-data/);
    await malformed(multipart(withHeaders(disposition, disposition)), /a header twice/);
    await malformed(multipart(withHeaders(" folded", disposition)), /header line that is none/);
    await malformed(multipart(withHeaders(disposition, "X Y: z")), /header line that is none/);
    await malformed(multipart(withHeaders(disposition, "X-Y: a\0b")), /header line that is none/);
    await malformed(multipart(withHeaders(disposition, "Content-Type: pdf")), /Content-Type that is none/);
    await malformed(multipart(withHeaders(disposition, "Content-Transfer-Encoding: base64")), /Content-Transfer-Encoding/);
    await malformed(multipart(withHeaders('Content-Disposition: form-data; name="file"; filename')), /cannot be read/);
    await malformed(multipart(withHeaders("Content-Disposition: form-data; filename*=utf-7''x; name=a")), /cannot be read/);
    await malformed(Buffer.from(multipart(filePart("x")).toString("latin1").replace("\r\n\r\n", "\r\n"), "latin1"), /header|empty line/);
  });

  test("a part that is multipart itself, or a field that is no text, is 400", async () => {
    await malformed(multipart(filePart("--in", "a", "multipart/mixed; boundary=in")), /multipart itself/);
    await malformed(multipart(withHeaders('Content-Disposition: form-data; name="x"', "Content-Type: image/png")), /no text/);
    await malformed(
      multipart(withHeaders('Content-Disposition: form-data; name="x"', "Content-Type: text/plain; charset=klingon")),
      /character set/,
    );
  });

  test("a field that makes readers decode the others by another character set is 400", async () => {
    const named = (charset: string): Buffer => multipart(fieldPart("_charset_", charset), fieldPart("note", "+ADw-"), filePart(pdf()));
    for (const charset of ["utf-7", "UTF-16", "windows-1252", " utf-8", "utf-8x", ""])
      await malformed(named(charset), /`_charset_` names another/);
    for (const charset of ["UTF-8", "utf-8", "utf8"]) assert.equal((await send(named(charset))).status, 200, charset);
    const file = { headers: 'Content-Disposition: form-data; name="_charset_"; filename="a.txt"', content: "utf-7" };
    await malformed(multipart(file), /`_charset_` is a file/);
  });

  test("field names with prototype keys, quotes, even encoded ones, or control characters are 400", async () => {
    for (const name of [
      "__proto__",
      "a[__proto__][b]",
      "constructor",
      "a.prototype.b",
      'a\\"b',
      "a\\\\",
      "",
      "a%22b",
      "a%0d%0Ab",
      "a\u202Eb",
    ]) {
      await malformed(multipart(fieldPart(name, "x"), filePart(pdf())), /field name/);
      await malformed(
        multipart({ headers: `Content-Disposition: form-data; name="${name}"; filename="a.pdf"`, content: pdf() }),
        /field name/,
      );
    }
  });

  test("a line that only begins like the boundary is 400 and not the end of the file", async () => {
    const body = multipart(filePart("%PDF-1.4\r\n------test-boundaryX\r\nlost"));
    await malformed(body, /begins with the boundary/);
  });

  test("with `fieldName` files must be in that field", async () => {
    await malformed(multipart(filePart(pdf())), /in the field "document"/, { fieldName: "document" });
    assert.equal((await send(multipart(filePart(pdf())), { fieldName: "file" })).status, 200);
  });

  test("a Content-Length beyond the limit is 413 before a byte is read", async () => {
    const head = request(Buffer.alloc(0), { "Content-Length": "999999999", Connection: "close" });
    const calls: unknown[] = [];
    const upload = fileUpload();
    await using app = await host.serve([(req, res, _next) => upload(req, res, (error) => res.end(String(calls.push(error))))]);
    assert.match(await rawRequest(app.port, head, 2_000), /^HTTP\/1\.1 200 /);
    assert.ok(calls[0] instanceof HttpProblem && calls[0].status === 413 && calls[0].extensions["limit_bytes"] === 11_534_336);
  });

  test("too large a file, field or body is 413", async () => {
    const big = multipart(filePart(pdf(50_000)));
    await refusedAtOnce(send(big, { fileBytes: 40_000 }), 413, "payload-too-large", /file is larger than 40000 bytes/);
    const field = multipart(fieldPart("a", "x".repeat(1_001)), filePart(pdf()));
    await refusedAtOnce(send(field, { fieldBytes: 1_000 }), 413, "payload-too-large", /field is larger than 1000 bytes/);
    assert.equal((await send(field, { fieldBytes: 1_001 })).status, 200);
    await refusedAtOnce(send(big, { totalBytes: 40_000 }), 413, "payload-too-large", /upload is larger than 40000 bytes/);
  });

  test("a body without Content-Length is 413 as soon as it grows too large, although its head has been handed on", async () => {
    for (const options of [{ totalBytes: 300_000 }, { fileBytes: 300_000 }]) {
      let handOn = (): unknown => assert.fail("the body ends before its head was handed on");
      const handedOn = new Promise<void>((resolve) => (handOn = resolve));
      const note: Handler = (_req, _res, next) => next(handOn());
      await using app = await host.serve([fileUpload(options), note, receive]);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } }, (res) => {
          resolve(res.statusCode);
          res.resume();
        });
        client.on("error", reject);
        const body = multipart(filePart(pdf(400_000)));
        client.write(body.subarray(0, 100_000));
        void handedOn.then(() => client.end(body.subarray(100_000)));
      });
      assert.equal(status, 413);
    }
  });

  test("too many parts, files or fields are 413", async () => {
    const files = multipart(filePart(pdf()), filePart(pdf()));
    await refusedAtOnce(send(files), 413, "too-many-parts", /more than 1 files/);
    const fields = multipart(...["a", "b", "c"].map((name) => fieldPart(name, "1")), filePart(pdf()));
    await refusedAtOnce(send(fields, { fields: 2, parts: 9 }), 413, "too-many-parts", /more than 2 fields/);
    await refusedAtOnce(send(fields, { parts: 3 }), 413, "too-many-parts", /more than 3 parts/);
    assert.equal((await send(fields, { fields: 3 })).status, 200);
    assert.equal((await send(fields, { parts: 4 })).status, 200);
  });

  test("too long or too many part headers are 400", async () => {
    const long = multipart(withHeaders(disposition, `X-Long: ${"x".repeat(500)}`));
    await malformed(long, /more than 300 bytes of headers/, { headerBytes: 300 });
    const many = multipart(withHeaders(disposition, "A: 1", "B: 2", "C: 3"));
    await malformed(many, /more than 3 header lines/, { headerPairs: 3 });
    assert.equal((await send(many, { headerPairs: 4 })).status, 200);
  });

  test("a first file of a forbidden type is 415 and nothing is handed on", async () => {
    await refusedAtOnce(send(multipart(filePart(exe()))), 415, "file-type-refused", /^File 1 is application\/x-msdownload by its bytes/);
    await refusedAtOnce(send(multipart(filePart(pdf())), { allowedTypes: ["image/png"] }), 415, "file-type-refused", /not accepted here/);
  });

  test("a second file of a forbidden type destroys the body with the problem", async () => {
    const body = multipart(filePart(pdf(200_000)), filePart(exe(), "b.png", "image/png"));
    await refusedLater(send(body, { files: 2 }), 415, "file-type-refused", /^File 2 /);
  });

  test("nothing is handed on of a small form with an error at its end", async () => {
    const program = multipart(filePart(pdf()), filePart(exe(), "b.png", "image/png"));
    await refusedAtOnce(send(program, { files: 2 }), 415, "file-type-refused", /^File 2 /);
    await malformed(multipart(filePart(pdf()), fieldPart("__proto__", "x")), /field name/);
  });

  test("a client that stops sending is 408, before and after the hand-over", async () => {
    const whole = request(multipart(filePart(pdf(100_000))));
    const before = outcomeOf(whole.subarray(0, 300), { idleTimeoutMs: 200 });
    await refusedAtOnce(before, 408, "request-timeout", /No data came for 200 ms/);
    const after = outcomeOf(whole.subarray(0, 60_000), { idleTimeoutMs: 200 });
    await refusedLater(after, 408, "request-timeout", /No data came for 200 ms/);
    const slow = outcomeOf(whole.subarray(0, 300), { timeoutMs: 100 });
    await refusedAtOnce(slow, 408, "request-timeout", /longer than 100 ms/);
  });

  test("a client that stops sending is let go by the stock error handlers too", async () => {
    await using app = await host.serve([fileUpload({ idleTimeoutMs: 40 }), receive]);
    const response = await rawRequest(app.port, request(multipart(filePart(pdf()))).subarray(0, 300), 20_000, 20_000);
    assert.match(response, /^$|^HTTP\/1\.1 408 /);
  });

  test("a body cut anywhere is 400, and `next` is called once", async () => {
    const body = multipart(fieldPart("a", "b"), filePart(png(30_000), "a.png", "image/png"), fieldPart("c", "d"));
    for (let cut = 1; cut < body.length - 3; cut += cut < 400 || cut > body.length - 200 ? 23 : 3_001) {
      const { status, type, calls } = await send(body.subarray(0, cut));
      assert.deepEqual([cut, status, type, calls.length], [cut, 400, "malformed-upload", 1]);
    }
  });

  test("a body that another handler has read is an error of the application, not a hang", async () => {
    await using app = await host.serve([(req, _res, next) => void req.resume().once("end", () => next()), fileUpload(), receive]);
    const response = await post(app.url, multipart(filePart(pdf())));
    assert.equal(response.status, 500);
  });

  test("problems hold no name and no content of the client", async () => {
    const secret = "s3cret-of-the-client";
    for (const content of [exe(), "text", pdf()]) {
      const { detail, calls } = await send(multipart(fieldPart("a", secret), filePart(content, `${secret}.pdf`, `text/${secret}`)));
      assert.ok(detail !== undefined && calls[0] instanceof HttpProblem);
      assert.ok(!JSON.stringify([calls[0], calls[0].message, detail]).includes(secret));
    }
  });

  test("a request without an upload has none", async () => {
    await using app = await host.serve([(req, res) => void res.end(String(getUpload(req) === undefined))]);
    assert.equal(await (await fetch(app.url)).text(), "true");
  });
});
