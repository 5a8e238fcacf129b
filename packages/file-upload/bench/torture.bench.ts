/**
 * Breaks uploads in every way and looks for what is left: forms that are cut at every position by clients that end, half-close, hang
 * or reset; 5,000 mutations of a sound form; 500 uploads that are aborted in the middle.
 * Run: `node --conditions=@aivillage/source bench/torture.bench.ts [seed]`. Fails when anything is answered, kept or thrown that should not be.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { filePart, multipart, multipartType, pdf } from "../test/multipart.ts";
import { broken, checkQuiet, cutOnce, endings, patienceFor, send, sound, type Stand, startStand, unexpected } from "../test/torture.ts";

const atOnce = 50;
const mutations = 5_000;
const aborts = 500;
const seed = Number(process.argv[2] ?? 1);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

async function cutEverywhere(): Promise<void> {
  const bodies = Object.entries({ ...broken, "sound but cut": sound.subarray(0, -4) });
  for (const ending of endings) {
    await using stand = await startStand(patienceFor(ending));
    for (const [name, body] of bodies) {
      const cuts = Array.from({ length: body.length + 1 }, (_, cut) => cut);
      const startedAt = performance.now();
      await inParallel(cuts, (cut) => cutOnce(stand, body, cut, ending));
      report(`${name}, client ${ending}`, `${cuts.length} cuts, all refused`, startedAt);
    }
    await checkQuiet(stand);
    const statuses = Map.groupBy(stand.refused, (status) => status);
    report(`client ${ending}`, [...statuses].map(([status, list]) => `${list.length} × ${status}`).join(", "));
  }
}

/** Numbers below `bound`, the same for the same seed (mulberry32). */
let state = seed;
function random(bound: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
}

const pieces = ["\r\n", "\r", "\n", "--", "\0", ":", ";", '"', "\\", "=", "*=", " ", "%", "\r\n\r\n", "\xff", "Content-Type: "];

function mutated(): Buffer {
  let bytes: Buffer = sound;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(bytes.length);
    const copied = bytes.subarray(random(bytes.length), random(bytes.length));
    const inserted = random(2) === 0 ? Buffer.from(pieces[random(pieces.length)] ?? "", "latin1") : copied;
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + random(30))]);
  }
  return bytes;
}

async function mutate(): Promise<void> {
  await using stand = await startStand();
  const startedAt = performance.now();
  const responses = new Map<number, number>();
  await inParallel(Array.from({ length: mutations }, mutated), async (body) => {
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${multipartType}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const status = await send(stand, Buffer.concat([Buffer.from(head), body]), "ends the request");
    responses.set(status, (responses.get(status) ?? 0) + 1);
  });
  await stand.settled();
  const { counts, downstream } = stand;
  assert.deepEqual([counts.calls, unexpected], [mutations, []]);
  assert.ok(
    [...responses.keys()].every((status) => [200, 400, 413, 415].includes(status)),
    JSON.stringify([...responses]),
  );
  assert.equal(downstream.received.filter(({ complete }) => complete).length, responses.get(200) ?? 0);
  report(`${mutations} mutations, seed ${seed}`, [...responses].map(([status, count]) => `${count} × ${status}`).join(", "), startedAt);
}

const openFiles = (): number => readdirSync("/proc/self/fd").length;

async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    await delay(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function abortMany(stand: Stand, bytes: Buffer): Promise<void> {
  const all = Array.from({ length: aborts }, (_, index) => bytes.subarray(0, 400 + Math.floor((bytes.length * index) / (aborts + 1))));
  await inParallel(all, async (part) => {
    const status = await send(stand, part, "resets");
    assert.ok(status === 0 || status === 400);
  });
  await stand.settled();
  // What the service has kept of them is its own.
  (stand.downstream.received as unknown[]).length = 0;
}

async function abort(): Promise<void> {
  await using stand = await startStand();
  const body = multipart(filePart(pdf(1_000_000)));
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${multipartType}\r\nContent-Length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), body]);
  await abortMany(stand, bytes);
  const [filesBefore, bytesBefore] = [openFiles(), await heldBytes()];
  const startedAt = performance.now();
  await abortMany(stand, bytes);
  const grown = (await heldBytes()) - bytesBefore;
  const { counts } = stand;
  assert.deepEqual([openFiles(), counts.calls, unexpected], [filesBefore, counts.uploads, []]);
  assert.ok(grown < 1_048_576, `memory grew by ${grown} bytes`);
  report(`${aborts} uploads aborted`, `no socket, no file, ${Math.max(0, Math.round(grown / 1_024))} KiB of memory more`, startedAt);
}

function report(what: string, result: string, startedAt?: number): void {
  const took = startedAt === undefined ? "" : ` (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`;
  console.log(`${what}: ${result}${took}`);
}

await cutEverywhere();
await mutate();
await abort();
