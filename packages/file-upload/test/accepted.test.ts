import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { Readable } from "node:stream";
import * as consumers from "node:stream/consumers";
import { test } from "node:test";

import type { ErrorHandler, Handler } from "@aivillage/middleware";
import { forEachHost, rawRequest, startDownstream } from "@aivillage/testing";

import { fileUpload, type FileUploadOptions, type UploadReceived, uploadReceived, type UploadSummary } from "../src/index.ts";
import { sendOn } from "./downstream.ts";
import {
  boundary,
  fieldPart,
  filePart,
  multipart,
  multipartType,
  pdf,
  png,
  post,
  receive,
  receiveRaw,
  type Receipt,
  request,
  sendInTwo,
  sha256,
} from "./multipart.ts";

forEachHost((host) => {
  const upload = async (body: Buffer | FormData, options?: FileUploadOptions): Promise<Receipt> => {
    await using app = await host.serve([fileUpload(options), receive]);
    const response = await post(app.url, body);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Receipt;
  };

  test("the next handler, and the error handler, run in the async context of the request", async () => {
    const client = new AsyncLocalStorage<string>();
    const entered = new Map<string, () => void>();
    const enter: Handler = (req, _res, next) => {
      const name = String(req.headers["x-name"]);
      client.run(name, next);
      entered.get(name)?.();
    };
    const tell: Handler = (_req, res) => res.end(client.getStore());
    const onError: ErrorHandler = (_error, _req, res, _next) => res.end(`${client.getStore()} failed`);
    await using app = await host.serve([enter, fileUpload(), tell], onError);
    // The form comes after the head, so that it is an event of its own.
    const send = async (name: string, type: string): Promise<string> => {
      const headers = { "Content-Type": multipartType, "X-Name": name, Connection: "close" };
      const sent = httpRequest(app.url, { method: "POST", headers });
      entered.set(name, () => sent.end(multipart(filePart("hello", "a.txt", type))));
      sent.flushHeaders();
      const [response] = (await once(sent, "response")) as [Readable];
      return consumers.text(response);
    };
    assert.deepEqual([await send("ann", "text/plain"), await send("bob", "image/png")], ["ann", "bob failed"]);
  });

  test("a form with a file and fields goes through with the same bytes, in the same order", async () => {
    const form = new FormData();
    form.append("title", 'Größe & \r\n"quotes"');
    form.append("file", new Blob([new Uint8Array(pdf(300_000))], { type: "application/pdf" }), "Jahresbericht ü.pdf");
    form.append("note", "after the file");
    const { parts, summary, filename, type } = await upload(form);
    assert.deepEqual(
      parts.map((part) => [part.name, part.filename, part.type, part.sha256]),
      [
        ["title", undefined, "text/plain", sha256(Buffer.from('Größe & \r\n"quotes"'))],
        ["file", "Jahresbericht ü.pdf", "application/pdf", sha256(pdf(300_000))],
        ["note", undefined, "text/plain", sha256(Buffer.from("after the file"))],
      ],
    );
    assert.deepEqual(summary.files, [
      { field: "file", name: "Jahresbericht ü.pdf", type: "application/pdf", bytes: pdf(300_000).length, sha256: sha256(pdf(300_000)) },
    ]);
    assert.deepEqual(summary.fields, { title: 'Größe & \r\n"quotes"', note: "after the file" });
    assert.ok(summary.totalBytes > 300_000 && summary.totalBytes < 301_500);
    assert.deepEqual([filename, type], ["Jahresbericht ü.pdf", "application/pdf"]);
  });

  test("the downstream gets our own boundary and no header of the client", async () => {
    const part = {
      headers: ["X-Smuggled: 1", `content-disposition: form-data; name=file; filename="a.png"; evil=1`, "content-type: image/png; a=b"],
      content: png(),
    };
    await using app = await host.serve([
      fileUpload(),
      (req, res, next) => {
        receiveRaw(req).then((text) => res.end(text), next);
      },
    ]);
    const text = await (await post(app.url, multipart(part))).text();
    const own = /^multipart\/form-data; boundary=(aivillage-[0-9a-f]{48})\n/.exec(text)?.[1] ?? "";
    assert.ok(own !== "" && !text.includes(boundary) && !/smuggled|evil/i.test(text));
    const body = `--${own}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n${png().toString("latin1")}\r\n--${own}--\r\n`;
    assert.equal(text.slice(text.indexOf("\n") + 1), Buffer.from(body, "latin1").toString("utf8"));
  });

  test("several files go through in order, each with its own type and digest", async () => {
    const { parts, summary } = await upload(
      multipart(filePart(png(), "a.png", "image/png"), fieldPart("x", "1"), filePart(pdf(), "b.pdf")),
      { files: 2 },
    );
    assert.deepEqual(
      parts.map(({ name, filename }) => [name, filename]),
      [
        ["file", "a.png"],
        ["x", undefined],
        ["file", "b.pdf"],
      ],
    );
    assert.deepEqual(
      summary.files.map((file) => [file.type, file.sha256]),
      [
        ["image/png", sha256(png())],
        ["application/pdf", sha256(pdf())],
      ],
    );
  });

  test("every split of the request into two chunks gives the same result", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    const body = multipart(fieldPart("title", "x"), filePart(`%PDF-1.4\r\n--${boundary.slice(0, -2)}\r\n-`));
    const bytes = request(body, { Connection: "close" });
    const start = bytes.length - body.length;
    const digests = new Set<string>();
    for (let cut = start + 1; cut < bytes.length; cut += 7) {
      const response = await sendInTwo(app.port, bytes.subarray(0, cut), bytes.subarray(cut));
      digests.add(/"sha256":"([0-9a-f]{64})"/.exec(response.slice(response.indexOf('"filename"')))?.[1] ?? response);
    }
    assert.deepEqual([...digests], [sha256(Buffer.from(`%PDF-1.4\r\n--${boundary.slice(0, -2)}\r\n-`))]);
  });

  test("a file of exactly the limit passes", async () => {
    const { summary } = await upload(multipart(filePart(pdf(), "a.pdf")), { fileBytes: pdf().length });
    assert.equal(summary.files[0]?.bytes, pdf().length);
  });

  test("an empty text file passes, an input without a chosen file is left out", async () => {
    const { parts } = await upload(multipart(filePart("", "", "application/octet-stream"), filePart("", "empty.txt", "text/plain")), {
      files: 2,
    });
    assert.deepEqual(
      parts.map(({ filename, bytes }) => [filename, bytes]),
      [["empty.txt", 0]],
    );
  });

  test("preamble, epilogue, a quoted boundary and chunked coding are understood", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    const body = Buffer.concat([Buffer.from("ignore me\r\n"), multipart(filePart(pdf())), Buffer.from("and me")]);
    const chunks = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: Multipart/Form-Data; boundary="${boundary}"\r\n\r\n`;
    const response = await rawRequest(app.port, Buffer.concat([Buffer.from(head), chunks]), 2_000);
    assert.match(response, /^HTTP\/1\.1 200 /);
    assert.ok(response.includes(sha256(pdf())));
  });

  test("of a repeated field the summary has the first value, the body all", async () => {
    const { parts, summary } = await upload(multipart(fieldPart("tag", "a"), fieldPart("tag", "b"), filePart(pdf())));
    assert.deepEqual(summary.fields, { tag: "a" });
    assert.deepEqual(
      parts.map(({ text }) => text.slice(0, 1)),
      ["a", "b", "%"],
    );
  });

  test("a field keeps its text type and is turned into UTF-8", async () => {
    const json = {
      headers: ['Content-Disposition: form-data; name="meta"', "Content-Type: application/json; charset=utf-16le"],
      content: Buffer.from('{"ü":1}', "utf16le"),
    };
    const { parts } = await upload(multipart(json, filePart(pdf())));
    assert.deepEqual([parts[0]?.type, parts[0]?.text], ["application/json", '{"ü":1}']);
  });

  test("uploadReceived reports types, sizes and digests, but no names", async () => {
    const received: UploadReceived[] = [];
    const stop = uploadReceived.subscribe((message) => received.push(message));
    await upload(multipart(filePart(pdf())));
    stop();
    assert.deepEqual(
      received.map(({ req, files }) => [req.method, files]),
      [["POST", [{ type: "application/pdf", bytes: pdf().length, sha256: sha256(pdf()) }]]],
    );
  });

  test("size and digest are there when the response of the service has come", async () => {
    await using downstream = await startDownstream({ body: { stored: true } });
    await using app = await host.serve([fileUpload({ files: 2 }), sendOn(downstream.url)]);
    for (const size of [0, 70_000, 2_000_000]) {
      const body = multipart(filePart(pdf(size)), fieldPart("title", "x"), filePart("text", "b.txt", "text/plain"));
      const { completed } = (await (await post(app.url, body)).json()) as { completed: UploadSummary };
      assert.deepEqual(
        completed.files.map(({ bytes, sha256: digest }) => [bytes, digest]),
        [pdf(size), Buffer.from("text")].map((content) => [content.length, sha256(content)]),
      );
      assert.deepEqual([completed.fields, completed.totalBytes], [{ title: "x" }, body.length]);
    }
  });

  test("of an upload that has not ended there is nothing completed, although the response is", async () => {
    await using downstream = await startDownstream({ ignoreBody: true });
    await using app = await host.serve([fileUpload(), sendOn(downstream.url)]);
    const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } }).on("error", () => undefined);
    client.write(multipart(filePart(pdf(100_000))).subarray(0, 90_000));
    const [response] = (await once(client, "response")) as [Readable];
    assert.deepEqual(JSON.parse(Buffer.concat(await response.toArray()).toString()), { downstream: { ok: true } });
    client.destroy();
  });

  test("a connection serves one upload after the other", async () => {
    await using app = await host.serve([fileUpload(), receive]);
    const one = request(multipart(filePart(pdf())));
    const responses = await rawRequest(
      app.port,
      Buffer.concat([one, one, request(multipart(filePart(pdf())), { Connection: "close" })]),
      2_000,
    );
    assert.equal(responses.match(/HTTP\/1\.1 200 /g)?.length, 3);
  });
});
