import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { type Downstream, rawRequest, startDownstream } from "@aivillage/testing";
import { stringify } from "yaml";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const statusOf = (text: string): string => text.slice(9, 12);
const get = (target: string, headers = "", version = "1.1"): string =>
  `GET ${target} HTTP/${version}\r\nHost: field.example\r\n${headers}Connection: close\r\n\r\n`;

describe("a target in absolute form", () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-target-"));
  let notes: Downstream;
  let gateway: TestGateway;
  before(async () => {
    notes = await startDownstream();
    const query = { type: "object", additionalProperties: false, properties: { page: { type: "integer" } } };
    const routes = [
      { path: "/v1/notes/{id}", public: true, upstream: [notes.url], query },
      { path: "/v1/parts/{id}", public: true, upstream: [notes.url], rewrite: "/internal/{id}", query },
    ];
    const file = join(folder, "routes.yaml");
    writeFileSync(file, stringify({ routes }));
    gateway = await startTestGateway({ CONFIG_FILE: file });
    gateway.gateway.app.get("/mine", (req, res) => void res.json({ path: req.path, page: req.query["page"] }));
  });
  after(async () => {
    await gateway[Symbol.asyncDispose]();
    await notes[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const ask = (bytes: string): Promise<string> => rawRequest(gateway.port, bytes);
  const lastReceived = () => notes.received.at(-1);

  test("finds the built-in routes, with and without port, query, and in any case of the scheme", async () => {
    for (const target of ["http://h/livez", "HTTP://h:8000/livez?a=1", "https://[::1]:1/livez", "http://h", "http://h?a=1"]) {
      assert.equal(statusOf(await ask(get(target))), "200", target);
    }
  });

  test("is checked and served on /v1/query like any other, and counted by its route", async () => {
    const body = '{"query":"hello"}';
    const head = `Host: h\r\nAuthorization: ${gateway.authorization.authorization}\r\nContent-Type: application/json\r\n`;
    const send = (target: string) =>
      ask(`POST ${target} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    assert.equal(statusOf(await send("http://h/v1/query")), "200");
    assert.equal(statusOf(await send("http://h/v1/query?a=1")), "422");
    assert.equal(gateway.agentController.received.length, 1);
    assert.equal(gateway.agentController.received[0]?.url, "/v1/query");
    assert.equal(gateway.log.filter((line) => line["route"] === "/v1/query" && line["path"] === "/v1/query").length, 2);
  });

  test("reaches a service in origin form, parameters and query included", async () => {
    assert.equal(statusOf(await ask(get("http://h/v1/notes/a-7?page=2"))), "200");
    assert.equal(lastReceived()?.url, "/v1/notes/a-7?page=2");
    assert.equal(statusOf(await ask(get("http://h/v1/parts/a-7?page=2"))), "200");
    assert.equal(lastReceived()?.url, "/internal/a-7?page=2");
    assert.equal(statusOf(await ask(get("http://h/v1/notes/a-7?page=two"))), "422");
  });

  test("names the host that the service receives, in place of the Host header", async () => {
    await ask(get("http://target.example:81/v1/notes/1"));
    assert.equal(lastReceived()?.headers["x-forwarded-host"], "target.example:81");
    await ask(get("/v1/notes/1"));
    assert.equal(lastReceived()?.headers["x-forwarded-host"], "field.example");
    assert.equal(statusOf(await ask("GET http://h/v1/notes/1 HTTP/1.0\r\n\r\n")), "200");
  });

  test("finds routes of one's own and the routes below the path of an app", async () => {
    assert.match(await ask(get("http://h/mine?page=3")), /\{"path":"\/mine","page":"3"\}/);
    const { default: express } = await import("express");
    const server = createServer(express().use("/ai", gateway.gateway.handler)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    assert.equal(statusOf(await rawRequest(port, get("http://h/ai/livez?a=1"))), "200");
    server.close();
    assert.equal(gateway.log.filter((line) => line["route"] === "/ai/livez").length, 1);
  });

  test("without a host, with a user or of another scheme is unknown", async () => {
    const earlier = notes.received.length;
    for (const target of ["http:///livez", "http://u@h/livez", "http://u@h/v1/notes/1", "ftp://h/livez", "http://h//livez"]) {
      assert.match(statusOf(await ask(get(target))), /^40[04]$/, target);
    }
    assert.equal(notes.received.length, earlier);
  });
});
