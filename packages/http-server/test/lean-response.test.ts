import assert from "node:assert/strict";
import { once } from "node:events";
import { ServerResponse } from "node:http";
import { test } from "node:test";

import { LeanResponse } from "@aivillage/http-server";
import { FieldBlock, HttpProblem, replaceResponse } from "@aivillage/middleware";
import { listen, rawRequest } from "@aivillage/testing";
import * as fc from "fast-check";

/** One call of a method of the response, or `block` with the fields of one to be set on it. */
type Step = readonly [method: string, ...args: unknown[]];

/** What the calls return or throw, one after the other. */
function take(res: ServerResponse, steps: readonly Step[]): unknown[] {
  return steps.map(([method, ...args]) => {
    try {
      if (method === "block") return new FieldBlock(args[0] as [string, string][]).setOn(res);
      const result: unknown = Reflect.apply(Reflect.get(res, method) as () => unknown, res, args);
      return result === res ? "this" : structuredClone(result);
    } catch (error) {
      return `${(error as NodeJS.ErrnoException).code}: ${(error as Error).message}`;
    }
  });
}

/** Runs the steps in a server with this class, and gives what they returned and what the client got. */
async function run(kind: typeof ServerResponse, steps: readonly Step[], method = "HEAD"): Promise<{ results: unknown[]; bytes: string }> {
  let results: unknown[] = [];
  await using server = await listen(
    (_req, res) => {
      results = take(res, [...steps, ["end"]]);
      if (!res.writableEnded) res.destroy();
    },
    { ServerResponse: kind },
  );
  const bytes = await rawRequest(server.port, `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 10_000).catch(() => "reset");
  return { results, bytes: bytes.replace(/^Date: .*GMT\r\n/m, "Date: now\r\n") };
}

/** The same with the lines of heads in the order of their names; of one name they stay as they came. */
async function runSorted(kind: typeof ServerResponse, steps: readonly Step[], method?: string): ReturnType<typeof run> {
  const { results, bytes } = await run(kind, steps, method);
  const nameOf = (line: string): string => line.split(":", 1)[0]?.toLowerCase() ?? "";
  const sorted = (head: string): string => {
    const [statusLine, ...lines] = head.split("\r\n");
    return [statusLine, ...lines.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)))].join("\r\n");
  };
  return { results, bytes: bytes.split("\r\n\r\n").map(sorted).join("\r\n\r\n") };
}

const goodName = fc.constantFrom("X-One", "x-one", "X-Two", "x-TWO", "Set-Cookie", "Vary", "Content-Type", "Date", "ETag", "__proto__");
const blockName = fc.constantFrom("X-One", "x-TWO", "X-Three", "Vary", "ETag", "__proto__");
const name = fc.oneof({ weight: 8, arbitrary: goodName }, fc.constantFrom("bad name", ""));
const goodText = fc.constantFrom("a", "b, c", "");
const text = fc.constantFrom("a", "b, c", "", "\u00e9", "a\r\nb", "\u2603");
const value = fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 }), fc.constantFrom(undefined, null));
// With faults among them, Node's own does this or that, depending on whether a field was ever set.
const some = fc.oneof(
  fc.dictionary(goodName, goodText, { maxKeys: 3, noNullPrototype: true }),
  fc.array(fc.tuple(goodName, goodText), { maxLength: 4 }).map((pairs) => pairs.flat()),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant("setHeader"), name, value) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("appendHeader"), name, value) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("removeHeader", "getHeader", "hasHeader"), fc.oneof(name, fc.constant(7))) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("getHeaders", "getHeaderNames", "getRawHeaderNames")) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant("setHeaders"),
      fc.array(fc.tuple(name, text), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant("writeHead"), fc.constantFrom(200, 404, 204, 99, 1_000, "201"), some) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("writeHead"), fc.constantFrom(200, 304), fc.constant("Fine"), some) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("writeHead"), fc.constantFrom(200, 0), fc.constantFrom("Fine", "b\r\nad")) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("flushHeaders", "toString")) },
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(fc.tuple(blockName, goodText), { maxLength: 4, selector: ([one]) => one.toLowerCase() })
      .map((fields): Step => ["block", fields]),
  },
);

test("whatever is called, the client gets the same fields as from Node's own, and the caller the same results and errors", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      // Node's own appends to the very list that it was given.
      assert.deepEqual(await runSorted(LeanResponse, structuredClone(steps)), await runSorted(ServerResponse, structuredClone(steps)));
    }),
    { numRuns: 400 },
  );
});

test("a body gets its length, and fields with several values their lines", async () => {
  const steps: Step[] = [
    ["setHeader", "Set-Cookie", ["a=1", "b=2"]],
    ["appendHeader", "set-cookie", "c=3"],
    ["setHeader", "Content-Type", "text/plain"],
    ["end", "hello"],
  ];
  const { bytes } = await run(LeanResponse, steps, "GET");
  assert.match(
    bytes,
    /^HTTP\/1.1 200 OK\r\nContent-Type: text\/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nSet-Cookie: c=3\r\n.*Content-Length: 5\r\n\r\nhello$/s,
  );
});

test("fields that frame the message mean to Node what they always meant", async () => {
  const framings: readonly Step[][] = [
    [["setHeader", "Content-Length", "3"]],
    [["setHeader", "Transfer-Encoding", "chunked"]],
    [["setHeader", "Connection", "close"]],
    [["setHeader", "Keep-Alive", "timeout=1"]],
    [["setHeader", "Date", "Thu, 01 Jan 1970 00:00:00 GMT"]],
    [
      ["setHeader", "Trailer", "X-One"],
      ["setHeader", "Transfer-Encoding", "chunked"],
    ],
    [["removeHeader", "Date"]],
    [["removeHeader", "Connection"]],
  ];
  for (const framing of framings) {
    const steps: Step[] = [["setHeader", "X-One", "1"], ...framing, ["end", "abc"]];
    assert.deepEqual(await runSorted(LeanResponse, steps, "GET"), await runSorted(ServerResponse, steps, "GET"));
  }
});

test("a value keeps its bytes, also in the name of a download", async () => {
  const bytesOfName = Buffer.from("caf\u00e9.txt").toString("latin1");
  const steps: Step[] = [
    ["setHeader", "Content-Length", 3],
    ["setHeader", "Content-Disposition", `attachment; filename="${bytesOfName}"`],
    ["end", Buffer.from("abc")],
  ];
  const { bytes } = await run(LeanResponse, steps, "GET");
  assert.match(bytes, new RegExp(`filename="${bytesOfName}"\r\n`));
});

test("fields survive a change of the prototype once they are Node's", async () => {
  await using server = await listen(
    (_req, res) => {
      res.setHeader("X-Before", "1");
      if (res instanceof LeanResponse) res.toPlain();
      Object.setPrototypeOf(res, ServerResponse.prototype);
      res.appendHeader("X-Before", "2").end();
    },
    { ServerResponse: LeanResponse },
  );
  assert.equal((await fetch(server.url)).headers.get("x-before"), "1, 2");
});

test("what has become Node's stays usable, and a sent head has nothing to give", async () => {
  const steps: Step[] = [
    ["setHeader", "X-One", "1"],
    ["toPlain"],
    ["toPlain"],
    ["setHeader", "X-Two", "2"],
    ["getHeaderNames"],
    ["getRawHeaderNames"],
    ["getHeaders"],
    ["removeHeader", "x-one"],
    ["hasHeader", "X-One"],
    ["writeHead", 201, { "X-Three": "3" }],
    ["toPlain"],
    ["getHeader", "x-two"],
  ];
  const { results, bytes } = await run(LeanResponse, steps);
  assert.deepEqual(results.slice(4, 7), [["x-one", "x-two"], ["X-One", "X-Two"], { "x-one": "1", "x-two": "2" }]);
  assert.deepEqual([results[8], results[11]], [false, "2"]);
  assert.match(bytes, /^HTTP\/1.1 201 Created\r\nX-Two: 2\r\nX-Three: 3\r\n/);
});

test("early hints and continue go out before the head as ever", async () => {
  await using server = await listen(
    (_req, res) => {
      res.setHeader("X-One", "1");
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.end();
    },
    { ServerResponse: LeanResponse },
  );
  const bytes = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(bytes, /^HTTP\/1.1 103 Early Hints\r\nLink: .*\r\n\r\nHTTP\/1.1 200 OK\r\nX-One: 1\r\n/);
});

test("a pipelined response waits for its turn", async () => {
  const waiting: ServerResponse[] = [];
  await using server = await listen((_req, res) => void waiting.push(res.setHeader("X-Number", waiting.length)), {
    ServerResponse: LeanResponse,
  });
  const response = rawRequest(
    server.port,
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    2_000,
  );
  while (waiting.length < 2) await once(server.server, "request");
  waiting[1]?.end("second");
  waiting[0]?.end("first");
  assert.match(await response, /X-Number: 0\r\n.*first.*X-Number: 1\r\n.*second/s);
});

test("a problem replaces the headers of the response that was being prepared", async () => {
  await using server = await listen(
    (_req, res) => {
      for (const [header, given] of Object.entries({ "Content-Length": "9999", ETag: '"1"', Vary: "Origin", Trailer: "X-Checksum" }))
        res.setHeader(header, given);
      replaceResponse(res, new HttpProblem({ status: 503, headers: { "Retry-After": "9", "Bad header": "x" } }));
      res.end();
    },
    { ServerResponse: LeanResponse },
  );
  const { status, headers } = await fetch(server.url);
  const values = ["content-length", "etag", "vary", "trailer", "retry-after"].map((header) => headers.get(header));
  assert.deepEqual([status, ...values], [503, null, null, "Origin", null, "9"]);
});
