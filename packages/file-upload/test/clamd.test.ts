import assert from "node:assert/strict";
import type { AddressInfo, Server } from "node:net";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { deadUrl, eventually, listen } from "@aivillage/testing";

import { fileUpload } from "../src/index.ts";
import { clamd, startScanner } from "./clamd.ts";
import { filePart, multipart, pdf, post, receive, request, sendAndLeave } from "./multipart.ts";

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const infected = Buffer.concat([pdf(150_000), Buffer.from("needle"), Buffer.alloc(50_000)]);

async function noneOpen(server: Server): Promise<void> {
  let open = -1;
  const count = (): boolean => {
    server.getConnections((_error, connections) => (open = connections));
    return open === 0;
  };
  await eventually(count, "the scanner has no connection");
}

test("files are scanned over a socket: clean ones pass, infected ones are 422, and no connection stays", async (t) => {
  const scanner = await startScanner("needle");
  t.after(() => scanner.close());
  await using app = await listen(toListener(compose(fileUpload({ inspect: clamd(portOf(scanner)) }), receive)));
  for (const [content, status] of [
    [pdf(), 200],
    [infected, 422],
    [pdf(1_000_000), 200],
  ] as const) {
    const response = await post(app.url, multipart(filePart(content)));
    await response.text();
    assert.equal(response.status, status);
  }
  await noneOpen(scanner);
});

test("a client that leaves ends its scan", async (t) => {
  const scanner = await startScanner("needle");
  t.after(() => scanner.close());
  await using app = await listen(toListener(compose(fileUpload({ inspect: clamd(portOf(scanner)) }), receive)));
  let scans = 0;
  scanner.on("connection", () => (scans += 1));
  const bytes = request(multipart(filePart(infected)));
  await Promise.all(Array.from({ length: 5 }, () => sendAndLeave(app.port, bytes.subarray(0, 100_000))));
  await eventually(() => scans > 0, "a scan has begun");
  await noneOpen(scanner);
});

test("without a scanner nothing passes", async () => {
  const port = Number(new URL(await deadUrl()).port);
  await using app = await listen(toListener(compose(fileUpload({ inspect: clamd(port) }), receive)));
  const response = await post(app.url, multipart(filePart(pdf())));
  assert.equal(response.status, 503);
  await response.text();
});
