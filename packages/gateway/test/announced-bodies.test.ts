import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { type Downstream, rawRequest, startDownstream, eventually } from "@aivillage/testing";
import { stringify } from "yaml";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const statusOf = (text: string): string => text.slice(9, 12);

describe("a route without `body`", () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-bodies-"));
  let service: Downstream;
  let gateway: TestGateway;
  before(async () => {
    service = await startDownstream();
    const upstream = [service.url];
    const routes = [
      { path: "/v1/things", methods: ["GET", "DELETE"], public: true, upstream },
      { path: "/v1/blobs", methods: ["PUT", "DELETE"], public: true, upstream, body: "stream" },
      { path: "/v1/notes", methods: ["POST", "DELETE"], public: true, upstream, body: { type: "object", maxProperties: 1 } },
      { path: "/v1/closed", methods: ["DELETE"], upstream },
    ];
    const file = join(folder, "routes.yaml");
    writeFileSync(file, stringify({ routes }));
    gateway = await startTestGateway({ CONFIG_FILE: file });
  });
  after(async () => {
    await gateway[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const send = (method: string, path: string, headers: string, body = ""): Promise<string> =>
    rawRequest(gateway.port, `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n${body}`);
  const hostile = `{"__proto__":{"a":"1' OR '1'='1"}}`;
  const lengthOf = (body: string): string => `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;

  test("refuses any that is announced, by length or in chunks, with 413, and its service receives nothing", async () => {
    const earlier = service.received.length;
    for (const method of ["GET", "HEAD", "DELETE"]) {
      assert.equal(statusOf(await send(method, "/v1/things", lengthOf(hostile), hostile)), "413", method);
      assert.equal(statusOf(await send(method, "/v1/things", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n")), "413", method);
    }
    assert.equal(service.received.length, earlier);
  });

  test("does so before the body has come, and says why", async () => {
    const text = await send("DELETE", "/v1/things", "Content-Length: 20000000\r\n");
    assert.equal(statusOf(text), "413");
    assert.match(text, /problems\/payload-too-large\.md".*"limit_bytes":0/);
    assert.equal(statusOf(await send("DELETE", "/v1/things", "Content-Length: 9\r\nExpect: 100-continue\r\n")), "413");
  });

  test("refuses a large one that is sent all the same", async () => {
    const earlier = service.received.length;
    const text = await send("DELETE", "/v1/things", "Content-Length: 900000\r\n", "x".repeat(900_000));
    assert.equal(statusOf(text), "413");
    assert.equal(service.received.length, earlier);
  });

  test("asks for credentials first", async () => {
    assert.equal(statusOf(await send("DELETE", "/v1/closed", lengthOf(hostile), hostile)), "401");
  });

  test("takes requests without one, also with a length of 0", async () => {
    assert.equal(statusOf(await send("GET", "/v1/things", "")), "200");
    assert.equal(statusOf(await send("DELETE", "/v1/things", "Content-Length: 0\r\n")), "200");
    assert.equal(service.received.at(-1)?.method, "DELETE");
    assert.equal(service.received.at(-1)?.body.length, 0);
  });

  test("is another matter than `stream`, which lets any pass, and a schema, which checks any", async () => {
    assert.equal(statusOf(await send("DELETE", "/v1/blobs", lengthOf(hostile), hostile)), "200");
    assert.equal(service.received.at(-1)?.body.toString(), hostile);
    assert.equal(statusOf(await send("DELETE", "/v1/notes", lengthOf(hostile), hostile)), "400");
    assert.equal(statusOf(await send("DELETE", "/v1/notes", lengthOf('{"a":1}'), '{"a":1}')), "200");
    assert.equal(service.received.at(-1)?.body.toString(), '{"a":1}');
  });

  test("shows no body and the 413 in the description", async () => {
    const api = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: object; responses: Record<string, object> }>>;
    };
    const operation = api.paths["/v1/things"]?.["delete"];
    assert.ok(operation?.responses["413"]);
    assert.equal(operation.requestBody, undefined);
  });
});

describe("Expect: 100-continue where a body is read", () => {
  const json = "Content-Type: application/json\r\n";
  const head = (target: string, fields: string, authorization: string): string =>
    `POST ${target} HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\n${fields}Expect: 100-continue\r\n\r\n`;
  const cases = [
    ["another type", "/v1/query", "Content-Type: text/plain\r\nContent-Length: 9\r\n", "415"],
    ["a content coding", "/v1/query", `${json}Content-Encoding: gzip\r\nContent-Length: 9\r\n`, "415"],
    ["a length that is too large", "/v1/query", `${json}Content-Length: 99999999\r\n`, "413"],
    ["a query string that is not taken", "/v1/query?a=1", `${json}Content-Length: 9\r\n`, "422"],
    ["a query string that cannot be read", "/v1/chat?a=%zz", `${json}Content-Length: 9\r\n`, "400"],
  ] as const;

  test("what the head shows to be wrong is refused without asking for the body", async () => {
    await using gateway = await startTestGateway();
    const { authorization } = gateway.authorization;
    for (const [name, target, fields, status] of cases) {
      const text = await rawRequest(gateway.port, head(target, fields, authorization));
      assert.equal(statusOf(text), status, name);
      assert.ok(!text.includes("100 Continue"), name);
    }
  });

  test("a body that comes behind a refusal is thrown away without having been asked for", async () => {
    await using gateway = await startTestGateway();
    const bytes = head("/v1/query", "Content-Type: text/plain\r\nContent-Length: 5\r\n", gateway.authorization.authorization);
    const text = await rawRequest(gateway.port, `${bytes}hello`);
    assert.equal(statusOf(text), "415");
    assert.ok(!text.includes("100 Continue"));
  });

  for (const way of ["data", "iterator"] as const) {
    test(`a route of one's own asks when it begins to read by ${way}, once, and not when it refuses`, async () => {
      await using gateway = await startTestGateway();
      gateway.gateway.app.post("/mine", (req, res) => {
        if (req.headers["content-type"] !== "text/plain") return void res.status(415).end();
        if (way === "data") return void req.on("data", (chunk: Buffer) => res.end(chunk));
        void (async () => {
          for await (const chunk of req) res.write(chunk);
          res.end();
        })();
      });
      const { authorization } = gateway.authorization;
      assert.equal(statusOf(await rawRequest(gateway.port, head("/mine", `${json}Content-Length: 5\r\n`, authorization))), "415");
      let received = "";
      const socket = connect(gateway.port, "127.0.0.1", () =>
        socket.write(head("/mine", "Content-Type: text/plain\r\nContent-Length: 5\r\n", authorization)),
      );
      socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
      await eventually(() => received === "HTTP/1.1 100 Continue\r\n\r\n", "the gateway asks");
      socket.write("hello");
      await eventually(() => received.includes("hello"), "the answer");
      assert.equal(received.split("100 Continue").length, 2);
      socket.destroy();
    });
  }
});
