import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { get, open, serve } from "./support.ts";

const pathsIn = (text: string): string[] => [...text.matchAll(/\[\/([^\]]*)\]/g)].map(([, path = ""]) => path);

test("requests that come while the last one of an earlier packet is handled are all handled", async (t) => {
  const responses = new Map<string, () => void>();
  const { port } = await serve(t, (req, res) => void responses.set(req.url ?? "", () => res.end(`[${req.url}]`)));
  const client = open(t, port, get("A") + get("B"));
  for (const [path, more] of [
    ["/A", ""],
    ["/B", get("C") + get("D")],
    ["/C", ""],
    ["/D", get("E")],
    ["/E", ""],
  ] as const) {
    await eventually(() => responses.has(path), `${path} is handled`);
    if (more !== "") {
      client.socket.write(more);
      // Both are read in one go, so what reads them has run by then.
      await delay(100);
    }
    responses.get(path)?.();
  }
  await eventually(() => pathsIn(client.received()).length === 5, "all responses");
  assert.deepEqual(pathsIn(client.received()), ["A", "B", "C", "D", "E"]);
});

/** Numbers from 0 to below 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

async function sendInPieces(socket: Socket, text: string, random: () => number): Promise<void> {
  await once(socket, "connect");
  socket.setNoDelay(true);
  for (let at = 0; at < text.length;) {
    const end = at + 1 + Math.floor(random() * random() * 400);
    if (!socket.writable) return;
    socket.write(text.slice(at, end));
    at = end;
    await (random() < 0.5 ? new Promise((resolve) => setImmediate(resolve)) : delay(random() * 4));
  }
}

for (let seed = 1; seed <= 40; seed += 1) {
  test(`requests in chunks, with slow and fast responses, get one response each, in order: ${seed}`, async (t) => {
    const random = randomNumbers(seed);
    const handler: RequestListener = (req, res) => {
      const end = (): unknown => res.end(`[${req.url}]`);
      if (random() < 0.4) end();
      else setTimeout(end, random() * 8);
    };
    const { port, reached } = await serve(t, handler);
    const paths = Array.from({ length: 2 + Math.floor(random() * 39) }, (_, index) => String(index));
    const client = open(t, port, "");
    await sendInPieces(client.socket, paths.map((path) => get(path)).join(""), random);
    await eventually(() => pathsIn(client.received()).length === paths.length || client.socket.destroyed, "all responses, or the end", {
      state: () => `${pathsIn(client.received()).length} of ${paths.length}`,
    });
    const responded = pathsIn(client.received());
    assert.deepEqual(responded, paths.slice(0, responded.length));
    if (responded.length < paths.length) assert.equal(reached.length, 1, "only a crowded connection closes");
  });
}
