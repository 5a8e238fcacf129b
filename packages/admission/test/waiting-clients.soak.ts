import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { compose, type Handler, toListener, upgradeListener } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { percentile } from "../bench/simulation/percentile.ts";
import { Random } from "../bench/simulation/random.ts";
import { admission, type AdmissionHandler, admissionRefused, requestAdmitted, waitingClientLeft } from "../src/index.ts";

const plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

async function serve(t: TestContext, ...handlers: Handler[]): Promise<(request: string) => Socket> {
  const listener = toListener(compose(...handlers));
  const server = createServer(listener).on("upgrade", upgradeListener(listener));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<Socket>();
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (request) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    socket.resume().write(request);
    return socket;
  };
}

const waiting = (made: AdmissionHandler): number => made.state()[0]?.waiting ?? -1;
const summary = (name: string, values: readonly number[]): string =>
  `${name}: ${values.length}, median ${percentile(values, 0.5).toFixed(2)}, p99 ${percentile(values, 0.99).toFixed(2)}, most ${Math.max(...values).toFixed(2)}`;

test("a waiting client that leaves frees its place within 50 ms", { timeout: 600_000 }, async (t) => {
  const random = new Random(4);
  const made = admission({ limits: [{ name: "all", max: 1 }], queue: { max: 50, maxPerShare: 50, maxWaitMs: 600_000 } });
  // The port is not known any more when the connection has closed.
  const ports = new WeakMap<object, number>();
  const open = await serve(
    t,
    (req, _res, next) => (ports.set(req, req.socket.remotePort ?? 0), next()),
    made,
    () => undefined,
  );
  open(plain);
  await eventually(() => made.state()[0]?.inFlight === 1, "the slot is taken");
  const leftAt = new Map<number, { readonly atMs: number; readonly how: string }>();
  const times: Record<string, number[]> = {};
  t.after(
    waitingClientLeft.subscribe(({ req }) => {
      const { atMs, how } = leftAt.get(ports.get(req) ?? 0) ?? { atMs: Number.NaN, how: "unknown" };
      (times[how] ??= []).push(performance.now() - atMs);
    }),
  );
  for (let round = 0; round < 100; round += 1) {
    leftAt.clear();
    const clients = Array.from({ length: 50 }, (_, index) => ({
      isUpgrade: index % 2 === 0,
      socket: open(index % 2 === 0 ? upgrade : plain),
    }));
    await eventually(() => waiting(made) === clients.length, "all wait");
    for (const { socket, isUpgrade } of clients) {
      const resets = random.next() < 0.5;
      leftAt.set(socket.localPort ?? 0, {
        atMs: performance.now(),
        how: `${isUpgrade ? "upgrade" : "plain"}, ${resets ? "reset" : "end"}`,
      });
      if (resets) socket.resetAndDestroy();
      else socket.destroy();
      if (random.next() < 0.3) await delay(1);
    }
    await eventually(() => waiting(made) === 0, "all places are free");
  }
  for (const [how, values] of Object.entries(times)) t.diagnostic(summary(`ms until the place is free (${how})`, values));
  assert.equal(Object.values(times).flat().length, 5_000);
  assert.ok(percentile(Object.values(times).flat(), 0.99) <= 50);
});

test("nine of ten waits that refusals name are within twice the true one", { timeout: 600_000 }, async (t) => {
  const random = new Random(5);
  const made = admission({ limits: [{ name: "all", max: 4 }], queue: { max: 20, maxPerShare: 20, maxWaitMs: 600_000 } });
  const respond: Handler = (_req, res) => void setTimeout(() => res.end("done"), random.exponential(40));
  const open = await serve(t, made, respond);
  // One share is served in the order of arrival: a refused request would have been next after those that wait now.
  const refused: { readonly atMs: number; readonly toldMs: number; turns: number }[] = [];
  const ratios: number[] = [];
  const stops = [
    admissionRefused.subscribe(({ retryAfterMs }) =>
      refused.push({ atMs: performance.now(), toldMs: retryAfterMs, turns: waiting(made) + 1 }),
    ),
    requestAdmitted.subscribe(({ position }) => {
      if (position === 0) return;
      for (const each of refused) each.turns -= 1;
      while (refused[0]?.turns === 0) {
        const { atMs, toldMs } = refused.shift() ?? assert.fail("nothing was refused");
        ratios.push(toldMs / (performance.now() - atMs));
      }
    }),
  ];
  t.after(() => stops.forEach((stop) => stop()));
  // Twice as much comes as can be served, so the queue is full most of the time.
  while (ratios.length < 200) {
    for (let sent = 0; sent < 2; sent += 1) open(plain.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    await delay(random.exponential(10));
  }
  const within = ratios.filter((ratio) => ratio >= 0.5 && ratio <= 2).length / ratios.length;
  t.diagnostic(summary("told / true wait", ratios));
  t.diagnostic(`within twice: ${(within * 100).toFixed(1)} % of ${ratios.length}`);
  assert.ok(within >= 0.9, `${within} within twice`);
});
