import { connect } from "node:net";

import type { Load } from "./load.ts";
import { rawRequest } from "./raw-request.ts";
import { percentile } from "./statistics.ts";
import { type RequestShape, streams } from "./traffic.ts";

const deadlineMs = 60_000;

/**
 * Opens event streams all at once and reads each to its last event. Latencies are those of the first events; the memory is that
 * with all streams open and nothing else going on.
 */
export function streamLoad(request: RequestShape, count: number): Load {
  return async ({ port, meter }) => {
    const startedAt = performance.now();
    const firstMs: number[] = [];
    let residentBytes: number | undefined;
    const onFirst = (): void => {
      firstMs.push(performance.now() - startedAt);
      if (firstMs.length === count) residentBytes = meter.residentBytes();
    };
    const bytes = rawRequest(request, port);
    await Promise.all(Array.from({ length: count }, () => readStream(port, bytes, onFirst)));
    return {
      units: count * streams.eventsEach,
      seconds: (performance.now() - startedAt - streams.holdMs) / 1_000,
      p50Ms: percentile(firstMs, 0.5),
      p99Ms: percentile(firstMs, 0.99),
      ...(residentBytes !== undefined && { residentBytes }),
    };
  };
}

/** Reads one stream over a bare socket, so that the client costs little. Rejects unless every event came. */
function readStream(port: number, request: string, onFirst: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const counter = new EventCounter();
    let answered = false;
    socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`a stream was silent for ${deadlineMs / 1_000} s`)));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      if (!answered && !chunk.toString("latin1").startsWith("HTTP/1.1 200 ")) return void socket.destroy(refusal(chunk));
      answered = true;
      const before = counter.events;
      counter.read(chunk);
      if (before === 0 && counter.events > 0) onFirst();
      if (counter.events >= streams.eventsEach) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      if (counter.events >= streams.eventsEach) resolve();
      else reject(new Error(`a stream ended after ${counter.events} of ${streams.eventsEach} events`));
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
