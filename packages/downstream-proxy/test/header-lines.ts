import assert from "node:assert/strict";

import { rawRequest } from "@aivillage/testing";

import type { DownstreamProxyOptions } from "../src/index.ts";
import { rawServer, serveProxy } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";

/** The lines of a text without the space around them. */
export const texts = (text: string): string[] => text.trim().split(/\s*\n\s*/);

/** The lines of a head after the first one. */
export const linesOf = (message: string): string[] => message.split("\r\n\r\n", 1)[0]?.split("\r\n").slice(1) ?? [];

/** The values of a field in the order in which they came. */
export const valuesOf = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());

/** The lines that a target reads when a client sends these. */
export async function linesSentFor(lines: readonly string[], options: DownstreamProxyOptions = {}): Promise<string[]> {
  await using target = await rawServer((socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  await using app = await serveProxy({ target: target.url, ...options });
  const response = await rawRequest(
    app.port,
    ["GET /p HTTP/1.1", "Host: shop.example", "Connection: close", ...lines, "", ""].join("\r\n"),
  );
  assert.match(response, /^HTTP\/1\.1 200 /);
  return linesOf(target.text());
}

/** The same for a request to change the protocol. */
export async function linesUpgradedFor(lines: readonly string[], options: DownstreamProxyOptions = {}): Promise<string[]> {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, upgradeIdleTimeoutMs: 50, ...options });
  assert.match(await rawRequest(app.port, ask(lines.map((line) => `${line}\r\n`).join(""))), /^HTTP\/1\.1 101 /);
  return linesOf(target.text());
}

/** The lines that a client reads when a target answers with these. */
export async function linesReceivedFor(lines: readonly string[], options: DownstreamProxyOptions = {}): Promise<string[]> {
  await using target = await rawServer(
    (socket) => void socket.end(["HTTP/1.1 200 OK", ...lines, "Content-Length: 2", "", "ok"].join("\r\n")),
  );
  await using app = await serveProxy({ target: target.url, ...options });
  return linesOf(await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
}
