import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";

import { HttpProblem } from "@aivillage/middleware";
import { eventually, forEachHost, startDownstream } from "@aivillage/testing";

import {
  fileUpload,
  type FileUploadOptions,
  type Inspect,
  type InspectedFile,
  type Inspection,
  type UploadRefused,
  uploadRefused,
  type Verdict,
} from "../src/index.ts";
import { sendOn } from "./downstream.ts";
import { filePart, multipart, multipartType, pdf, post, request, sendAndLeave, uploadOf } from "./multipart.ts";

const clean: Verdict = { clean: true };
const needle = "INFECTED-BY-A-TEST";

/** A scanner that looks for a text, also across pieces. */
function scanner(log: string[] = []): Inspect {
  return () => {
    let tail = "";
    let found = false;
    return {
      chunk(bytes) {
        const text = tail + bytes.toString("latin1");
        found ||= text.includes(needle);
        tail = text.slice(-needle.length);
      },
      async end() {
        await new Promise((resolve) => setImmediate(resolve));
        return found ? { clean: false, finding: "Test.Needle" } : clean;
      },
      abort: () => void log.push("aborted"),
    };
  };
}

const infected = (before: number, after: number): Buffer => Buffer.concat([pdf(before), Buffer.from(needle), Buffer.alloc(after, 3)]);

forEachHost((host) => {
  /** What the client was answered, what the service behind received, and what was told of a refusal. */
  async function outcomeOf(body: Buffer, options: FileUploadOptions) {
    await using downstream = await startDownstream({ body: { stored: true } });
    const problems: HttpProblem[] = [];
    const refusals: UploadRefused[] = [];
    const stop = uploadRefused.subscribe((message) => refusals.push(message));
    await using app = await host.serve([fileUpload(options), sendOn(downstream.url)], (error, _req, res, _next) => {
      const problem = HttpProblem.from(error);
      problems.push(problem);
      res.writeHead(problem.status, problem.headers).end();
    });
    const response = await post(app.url, body, { Connection: "close" });
    await response.text();
    await eventually(() => downstream.received.every((entry) => entry.complete || entry.clientLeftAt !== undefined), "all is settled");
    stop();
    return { response, problem: problems[0], refusals, received: downstream.received };
  }

  test("a clean file passes and the inspection sees each of its bytes once", async () => {
    const seen: Buffer[] = [];
    const files: InspectedFile[] = [];
    const inspect: Inspect = (file) => {
      files.push(file);
      return { chunk: (bytes) => void seen.push(Buffer.from(bytes)), end: () => clean };
    };
    const { response, received } = await outcomeOf(multipart(filePart(pdf(300_000), "a/b.pdf")), { inspect });
    assert.equal(response.status, 200);
    assert.deepEqual(Buffer.concat(seen), pdf(300_000));
    assert.deepEqual(files, [{ field: "file", name: "b.pdf", type: "application/pdf" }]);
    assert.ok(received[0]?.complete === true && received[0].body.includes(pdf(300_000)));
  });

  test("of a small infected file nothing reaches the service", async () => {
    const { response, problem, refusals, received } = await outcomeOf(multipart(filePart(infected(20_000, 20_000))), {
      inspect: scanner(),
    });
    assert.deepEqual([response.status, problem?.type, received.length], [422, "file-rejected", 0]);
    assert.deepEqual([refusals[0]?.reason, refusals[0]?.finding], ["file-rejected", "Test.Needle"]);
    assert.doesNotMatch(JSON.stringify([problem?.title, problem?.detail, problem?.headers, problem?.extensions]), /Needle/);
  });

  test("a large infected file never completes at the service, and its end never leaves", async () => {
    const ending = Buffer.from("the-very-end");
    const file = Buffer.concat([infected(400_000, 200_000), ending]);
    const { response, received } = await outcomeOf(multipart(filePart(file)), { inspect: scanner() });
    assert.equal(response.status, 422);
    const [entry] = received;
    assert.ok(entry !== undefined && !entry.complete && entry.body.length < file.length - 65_536 + 1_000 && !entry.body.includes(ending));
  });

  test("with `holdBackBytes` as large as a file nothing leaves before the verdict", async () => {
    const body = multipart(filePart(infected(400_000, 200_000)));
    const { response, received } = await outcomeOf(body, { inspect: scanner(), holdBackBytes: 1_000_000 });
    assert.deepEqual([response.status, received.length], [422, 0]);
  });

  test("every file is inspected, and one infected spoils the upload", async () => {
    const body = multipart(filePart(pdf(200_000)), filePart(infected(100, 100)));
    const { response, received } = await outcomeOf(body, { files: 2, inspect: scanner() });
    assert.equal(response.status, 422);
    assert.ok(received.every((entry) => !entry.complete && !entry.body.includes(needle)));
  });

  test("an inspection that fails in any way is 503 and lets nothing pass", async () => {
    const broken = (): never => {
      throw new Error("the scanner is gone");
    };
    const failures: readonly Inspect[] = [
      broken,
      () => ({ chunk: broken, end: () => clean }),
      () => ({ chunk: () => Promise.reject(new Error("gone")), end: () => clean }),
      () => ({ chunk: () => undefined, end: broken }),
      () => ({ chunk: () => undefined, end: () => Promise.reject(new Error("gone")) }),
      () => ({ chunk: () => undefined, end: () => ({ clean: "yes" }) as unknown as Verdict }),
      () => ({ chunk: () => undefined, end: () => undefined as unknown as Verdict }),
    ];
    for (const [index, inspect] of failures.entries()) {
      const { response, problem, refusals, received } = await outcomeOf(multipart(filePart(pdf(30_000))), { inspect });
      assert.deepEqual([index, response.status, problem?.type, received.length], [index, 503, "inspection-unavailable", 0]);
      assert.deepEqual([response.headers.get("retry-after"), refusals[0]?.reason], ["30", "inspection-unavailable"]);
      assert.doesNotMatch(problem?.detail ?? "", /gone/);
    }
  });

  test("an inspection that takes too long is 503 and is let go of", async () => {
    const never = new Promise<never>(() => undefined);
    const log: string[] = [];
    const abort = (): void => void log.push("aborted");
    const hanging: readonly Inspection[] = [
      { chunk: () => never, end: () => clean, abort },
      { chunk: () => undefined, end: () => never, abort },
    ];
    for (const inspection of hanging) {
      const { response, problem, received } = await outcomeOf(multipart(filePart(pdf())), {
        inspect: () => inspection,
        inspectTimeoutMs: 40,
      });
      assert.deepEqual([response.status, received.length], [503, 0]);
      assert.match(String(problem?.cause), /longer than 40 ms/);
    }
    assert.deepEqual(log, ["aborted", "aborted"]);
  });

  test("a slow inspection holds the client back", async () => {
    let taken = 0;
    let mayGoOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (mayGoOn = resolve));
    const inspect: Inspect = () => ({
      async chunk(bytes) {
        taken += bytes.length;
        await gate;
      },
      end: () => clean,
    });
    await using app = await host.serve([
      fileUpload({ inspect, fileBytes: 64_000_000 }),
      (req, res, next) => {
        const { body, summary } = uploadOf(req);
        body.resume();
        summary.then(({ files }) => res.end(String(files[0]?.bytes)), next);
      },
    ]);
    const file = pdf(30_000_000);
    const bytes = multipart(filePart(file));
    const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType, "Content-Length": bytes.length } });
    let flushed = false;
    client.end(bytes, () => (flushed = true));
    await eventually(() => taken > 0, "the inspection has begun");
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.ok(!flushed && taken <= 70_000, `${taken} bytes were taken`);
    mayGoOn();
    const response = await new Promise<string>((resolve, reject) => {
      client
        .on("error", reject)
        .on("response", (res) => void res.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()), reject));
    });
    assert.equal(response, String(file.length));
  });

  test("an inspection is let go of when the client leaves, and not after its verdict", async () => {
    const log: string[] = [];
    await using app = await host.serve([
      fileUpload({ inspect: scanner(log) }),
      (req, res, next) => {
        const { body, summary } = uploadOf(req);
        body.resume();
        summary.then(() => res.end(), next);
      },
    ]);
    await (await post(app.url, multipart(filePart(pdf(100_000))))).text();
    assert.deepEqual(log, []);
    const bytes = request(multipart(filePart(pdf(200_000))));
    await sendAndLeave(app.port, bytes.subarray(0, 100_000));
    await eventually(() => log.length === 1, "the inspection is aborted");
  });
});
