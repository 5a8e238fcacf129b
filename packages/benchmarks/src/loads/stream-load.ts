import { connect } from "node:net";

import { percentile } from "../statistics.ts";
import type { RequestShape, StreamShape } from "../traffic.ts";
import type { Load, LoadResult } from "./load.ts";
import { rawRequest } from "./raw-request.ts";

const deadlineMs = 60_000;

/**
 * Opens event streams all at once and reads each to its last event. Latencies are those of the first events; the memory is that
 * with all streams open and nothing else going on.
 */
export function streamLoad(request: RequestShape, shape: StreamShape): Load {
  const { count, eventsEach, holdMs } = shape;
  return async ({ port, meter }) => {
    const startedAt = performance.now();
    const firstMs: number[] = [];
    let residentBytes: number | undefined;
    const onFirst = (): void => {
      firstMs.push(performance.now() - startedAt);
      if (firstMs.length === count) residentBytes = meter.residentBytes();
    };
    const bytes = rawRequest(request, port);
    await Promise.all(Array.from({ length: count }, () => readStream(port, bytes, eventsEach, onFirst)));
    return {
      units: count * eventsEach,
      seconds: (performance.now() - startedAt - holdMs) / 1_000,
      p50Ms: percentile(firstMs, 0.5),
      p99Ms: percentile(firstMs, 0.99),
      ...(residentBytes !== undefined && { residentBytes }),
    };
  };
}

/** Repeats a load as long as a measurement lasts, at least once. One round of a few streams costs less CPU time than the kernel can distinguish. */
export function repeated(load: Load): Load {
  return async (target) => {
    const deadline = performance.now() + target.seconds * 1_000;
    const results: LoadResult[] = [];
    do results.push(await load(target));
    while (performance.now() < deadline);
    const total = (figure: (result: LoadResult) => number): number => results.reduce((sum, result) => sum + figure(result), 0);
    return {
      units: total(({ units }) => units),
      seconds: total(({ seconds }) => seconds),
      p50Ms: total(({ p50Ms }) => p50Ms) / results.length,
      p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
    };
  };
}

/** Reads one stream over a bare socket, so that the client costs little. Rejects unless every event came. */
function readStream(port: number, request: string, eventsEach: number, onFirst: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const counter = new EventCounter();
    let hasBegun = false;
    socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`a stream was silent for ${deadlineMs / 1_000} s`)));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      if (!hasBegun && !chunk.toString("latin1").startsWith("HTTP/1.1 200 ")) return void socket.destroy(refusal(chunk));
      hasBegun = true;
      const before = counter.events;
      counter.read(chunk);
      if (before === 0 && counter.events > 0) onFirst();
      if (counter.events >= eventsEach) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      if (counter.events >= eventsEach) resolve();
      else reject(new Error(`a stream ended after ${counter.events} of ${eventsEach} events`));
    });
  });
}

function refusal(chunk: Buffer): Error {
  return new Error(`a stream was refused: ${chunk.toString("latin1").split("\r\n", 1)[0]}`);
}

const lineFeed = 10;

/** Counts the empty lines that end events; in chunked framing no two line feeds stand side by side but there. */
export class EventCounter {
  events = 0;
  #endedInLineFeed = false;

  read(chunk: Buffer): void {
    if (this.#endedInLineFeed && chunk[0] === lineFeed) this.events += 1;
    for (let at = chunk.indexOf("\n\n"); at !== -1; at = chunk.indexOf("\n\n", at + 2)) this.events += 1;
    this.#endedInLineFeed = chunk.at(-1) === lineFeed && chunk.at(-2) !== lineFeed;
  }
}
