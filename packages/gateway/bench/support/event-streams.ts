import { request } from "node:http";

import { eventually } from "@aivillage/testing";

import { apiKey } from "./gateway-process.ts";

/** How an event stream ended, and when. */
export interface StreamEnd {
  /** True when its last event was the last one of the service. */
  readonly complete: boolean;
  readonly at: number;
}

/** Opens streams of so many events and waits until each has its first one. Resolves with their ends to be. */
export async function openStreams(origin: string, count: number, events: number): Promise<Promise<StreamEnd>[]> {
  let begun = 0;
  const ends = Array.from({ length: count }, () => openStream(origin, events, () => (begun += 1)));
  await eventually(() => begun === count, `${count} streams have begun`);
  return ends;
}

function openStream(origin: string, events: number, begins: () => void): Promise<StreamEnd> {
  return new Promise((resolve) => {
    let last = "";
    const end = (): void => resolve({ complete: last.includes("done"), at: performance.now() });
    const sent = request({
      host: "127.0.0.1",
      port: new URL(origin).port,
      agent: false,
      method: "POST",
      path: "/v1/chat",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json", Accept: "text/event-stream" },
    });
    sent.on("error", end);
    sent.on("response", (res) => {
      res.once("data", begins).on("data", (chunk: Buffer) => (last = chunk.toString()));
      res.on("error", end).on("end", end);
    });
    sent.end(JSON.stringify({ message: String(events), stream: true }));
  });
}

/** How many were complete, and how many broke off. */
export async function countEnds(ends: readonly Promise<StreamEnd>[]): Promise<{ complete: number; broken: number }> {
  const all = await Promise.all(ends);
  const complete = all.filter((end) => end.complete).length;
  return { complete, broken: all.length - complete };
}
