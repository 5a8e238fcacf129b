// Writes docs/console-*.png: starts the village, sends what a day brings, and takes pictures of the console in Chromium.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync, inflateSync } from "node:zlib";

import { chromium } from "playwright-core";

const trafficMs = Number(process.argv[2] ?? 150_000);
const largestBytes = 150_000;
const folder = mkdtempSync(join(tmpdir(), "console-screenshots-"));
const configuration = join(folder, "gateway.yaml");
const settings = { concurrency: { queueSize: 50 }, rateLimit: { requests: 6_000 } };

const shots = [
  { name: "light", width: 1_240, height: 800, colorScheme: "light" },
  { name: "dark", width: 1_240, height: 800, colorScheme: "dark" },
  { name: "phone", width: 390, height: 844, colorScheme: "light" },
] as const;

function startVillage(): ChildProcess {
  const ports = ["GATEWAY_PORT", "VILLAGE_TWIN_PORT", "VILLAGE_AGENT_CONTROLLER_PORT", "VILLAGE_KNOWLEDGE_SYSTEM_PORT"];
  const env = { ...process.env, ...Object.fromEntries(ports.map((name) => [name, "0"])), GATEWAY_HOST: "127.0.0.1", LOG_LEVEL: "ERROR" };
  const cli = fileURLToPath(new URL("../../../packages/gateway/src/cli.ts", import.meta.url));
  return spawn(process.execPath, ["--conditions=@aivillage/source", cli, "demo"], {
    env: { ...env, CONFIG_FILE: configuration },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What the village prints when it is up. */
async function untilUp(village: ChildProcess): Promise<string> {
  let text = "";
  village.stdout?.on("data", (printed) => (text += String(printed)));
  while (!text.includes("Ctrl-C")) {
    if (village.exitCode !== null) throw new Error(text);
    await delay(100);
  }
  return text;
}

/** Sends questions with a rhythm, chats, and now and then what is refused. @returns what ends it */
function sendTraffic(gateway: string): () => void {
  const key = { authorization: "Bearer dev-gateway-key-12345" };
  const post = (path: string, body: object, headers: Record<string, string> = key): void => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    fetch(gateway + path, init)
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  };
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    // More and fewer requests by turns.
    if (Math.sin(turn / 60) > -0.3 || turn % 2 === 0) post("/v1/query", { query: "What is the capital of France?" });
    if (turn % 3 === 0) post("/v1/chat", { message: "Hello, my name is Ada." });
    if (turn % 41 === 0) post("/v1/query", { query: "1' UNION SELECT password FROM users --" });
    if (turn % 53 === 0) post("/v1/query", { question: "misspelt" });
    if (turn % 67 === 0) post("/v1/query", { query: "x" }, {});
    if (turn % 31 === 0) post("/v1/query", { query: "x" }, { authorization: "Bearer a-guess-that-is-wrong" });
    if (turn === 40) writeFileSync(configuration, JSON.stringify({ ...settings, cors: { origins: ["https://village.example"] } }));
  }, 150);
  return () => clearInterval(timer);
}

/** The same PNG file, compressed as far as it goes: browsers are in a hurry. */
function compressed(png: Buffer): Buffer {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + png.readUInt32BE(at)) });
  }
  const pixels = Buffer.concat(chunks.flatMap(({ type, data }) => (type === "IDAT" ? data : [])));
  const head = chunks.find(({ type }) => type === "IHDR")?.data ?? Buffer.alloc(0);
  const image = deflateSync(inflateSync(pixels), { level: 9, memLevel: 9 });
  return Buffer.concat([png.subarray(0, 8), chunk("IHDR", head), chunk("IDAT", image), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

async function takePictures(url: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-lcd-text"] });
  for (const { name, width, height, colorScheme } of shots) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(url);
    await page.locator("#state[data-state=live]").waitFor();
    await page.locator("#refusals tbody tr").first().waitFor();
    await delay(1_500);
    const path = fileURLToPath(new URL(`../../../docs/console-${name}.png`, import.meta.url));
    const picture = compressed(await page.screenshot());
    writeFileSync(path, picture);
    const size = picture.length;
    if (size > largestBytes) throw new Error(`${path} has ${size} bytes, more than ${largestBytes}`);
    process.stdout.write(`${path} ${size} bytes\n`);
    await page.close();
  }
  await browser.close();
}

writeFileSync(configuration, JSON.stringify(settings));
const village = startVillage();
try {
  const printed = await untilUp(village);
  const [, gateway = ""] = /^ {2}gateway +(http\S+)/m.exec(printed) ?? [];
  const [, controller = ""] = /^ {2}agent controller +\S+ +pid (\d+)/m.exec(printed) ?? [];
  const [, url = ""] = /^ {2}(http\S+\/console\/\S*)$/m.exec(printed) ?? [];
  const stopTraffic = sendTraffic(gateway);
  await delay(trafficMs);
  // What follows shows how the page looks when something is wrong.
  process.kill(Number(controller));
  await delay(8_000);
  await takePictures(url);
  stopTraffic();
} finally {
  if (village.kill("SIGTERM")) await once(village, "exit");
  rmSync(folder, { recursive: true });
}
