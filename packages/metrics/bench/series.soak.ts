/**
 * 100,000 requests with random paths, methods, hosts and keys: the number of series stays constant, the scrape fast and small.
 * Run: `node --conditions=@aivillage/source bench/series.soak.ts`. Fails when a bound does not hold; express-prom-bundle gets a tenth
 * of the requests, for the record.
 */
import { randomBytes, randomInt } from "node:crypto";
import { METHODS, type RequestListener } from "node:http";
import { connect } from "node:net";

import { compose, HttpProblem, requestPath, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { metrics, metricsEndpoint, Registry } from "../src/index.ts";
import { peer } from "./peers.ts";

const requests = 100_000;
const maxScrapeMs = 20;
const maxScrapeBytes = 200_000;
const methods = METHODS.filter((method) => method !== "CONNECT");
const templates = new Map([
  ["/v1/query", "/v1/query"],
  ["/healthz", "/healthz"],
  ["/metrics", "/metrics"],
]);

const random = (): string => randomBytes(randomInt(1, 24)).toString("base64url");
const pick = <T>(values: readonly T[]): T => values[randomInt(values.length)] as T;

function makeRequest(isLast: boolean): string {
  const path = pick([
    `/${random()}`,
    `/${random()}/${random()}?${random()}=${random()}`,
    "/v1/query",
    `/v1/query/${random()}`,
    "/%ff%00",
    "*",
  ]);
  const method = path === "*" ? "OPTIONS" : pick(methods);
  const headers = [`Host: ${random()}.example`, `Authorization: Bearer ${random()}`, `X-Request-Id: ${random()}`, "Content-Length: 0"];
  return `${method} ${path} HTTP/1.1\r\n${[...headers, `Connection: ${isLast ? "close" : "keep-alive"}`].join("\r\n")}\r\n\r\n`;
}

/** Sends so many requests on one connection and resolves when the server has closed it. */
function sendOnOne(port: number, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(Array.from({ length: count }, (_, place) => makeRequest(place === count - 1)).join(""));
    });
    socket
      .resume()
      .once("close", () => resolve())
      .once("error", reject);
  });
}

async function send(port: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1_000) await Promise.all(Array.from({ length: 10 }, () => sendOnOne(port, 100)));
}

interface Scrape {
  readonly series: number;
  readonly bytes: number;
  readonly ms: number;
}

async function scrape(url: string): Promise<Scrape> {
  const startedAt = performance.now();
  const text = await (await fetch(`${url}/metrics`)).text();
  const ms = performance.now() - startedAt;
  return { series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length, bytes: Buffer.byteLength(text), ms };
}

/** The median of some scrapes: one of them may meet a pause of the machine. */
async function measure(url: string): Promise<Scrape> {
  const scrapes: Scrape[] = [];
  for (let count = 0; count < 15; count += 1) scrapes.push(await scrape(url));
  return scrapes.toSorted((a, b) => a.ms - b.ms)[7] as Scrape;
}

function ours(): RequestListener {
  const registry = new Registry();
  const endpoint = metricsEndpoint({ registry });
  const count = metrics({ registry, endpoint: (req) => templates.get(requestPath(req)) });
  return toListener(
    compose(count, (req, res, next) => {
      if (requestPath(req) === "/metrics" && req.method === "GET") return endpoint(req, res, next);
      return templates.has(requestPath(req)) ? void res.end("ok") : next(new HttpProblem({ status: 404 }));
    }),
  );
}

const show = ({ series, bytes, ms }: Scrape): string => `${series} series, ${bytes} bytes, ${ms.toFixed(1)} ms`;
let isBroken = false;
{
  await using app = await listen(ours());
  // Warm up until every combination of method, endpoint and status that there is has been seen.
  await send(app.port, 10_000);
  await measure(app.url);
  const before = await measure(app.url);
  await send(app.port, requests);
  const after = await measure(app.url);
  console.log(`metrics(), before:                ${show(before)}`);
  console.log(`metrics(), ${requests} requests on:  ${show(after)}`);
  isBroken = after.series !== before.series || after.ms >= maxScrapeMs || after.bytes >= maxScrapeBytes;
}

const bundle = peer("express-prom-bundle") as ((options: object) => never) | undefined;
const express = peer("express") as (() => RequestListener & { use(handler: never): void }) | undefined;
if (bundle !== undefined && express !== undefined) {
  const expressApp = express();
  expressApp.use(bundle({ includeMethod: true, includePath: true }));
  await using app = await listen(expressApp);
  await send(app.port, requests / 10);
  console.log(`express-prom-bundle, ${requests / 10} on:  ${show(await scrape(app.url))}`);
}
if (isBroken) {
  console.error(`the number of series must stay, the scrape below ${maxScrapeMs} ms and ${maxScrapeBytes} bytes`);
  process.exitCode = 1;
}
