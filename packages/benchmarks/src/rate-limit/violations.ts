import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { mock } from "node:test";

import type { Limiter, Make } from "./contestants.ts";

/** What became of the promises that a limit makes. */
export interface Violations {
  readonly limit: number;
  /** The most that passed within any trailing window. */
  readonly mostInWindow: number;
  /** Runs in which that was more than the limit. */
  readonly runsAbove: number;
  readonly runs: number;
  /** Clients that sent evenly at 94 % of the limit and were refused at least once. */
  readonly steadyRefused: number;
  readonly steadyClients: number;
}

const windowMs = 1_000;
/** Where a run begins: at the epoch, windows would begin with the clock. */
const startMs = 1_000_000_000_000;

/**
 * Runs a limiter on a simulated clock: clients that send bursts around the edges of windows, at random, and clients that send evenly
 * at 94 % of the limit.
 *
 * @param make gets the clock for contestants that take one; `Date` and timers follow it too
 */
export async function findViolations(make: (now: () => number) => Make, runs: number, seed = 1): Promise<Violations> {
  const random = randomFrom(seed);
  const [bursty, steady] = [10, 40];
  let [mostInWindow, runsAbove, steadyRefused] = [0, 0, 0];
  for (let run = 0; run < runs; run += 1) {
    const most = fullestWindow(await simulate(make, bursty, burstTimes(bursty, random)));
    mostInWindow = Math.max(mostInWindow, most);
    if (most > bursty) runsAbove += 1;
    const times = steadyTimes(steady, random);
    if ((await simulate(make, steady, times)).length < times.length) steadyRefused += 1;
  }
  return { limit: bursty, mostInWindow, runsAbove, runs, steadyRefused, steadyClients: runs };
}

/** Sends one request at each of the times, in milliseconds from the start; gives the times of those that passed. */
async function simulate(make: (now: () => number) => Make, limit: number, times: readonly number[]): Promise<number[]> {
  mock.timers.enable({ apis: ["Date", "setTimeout", "setInterval"], now: startMs });
  const { limiter, close } = make(() => Date.now())(limit, windowMs);
  const passed: number[] = [];
  try {
    for (const at of times) {
      mock.timers.tick(startMs + at - Date.now());
      if (await passes(limiter)) passed.push(at);
    }
  } finally {
    close();
    mock.timers.reset();
  }
  return passed;
}

async function passes(limiter: Limiter): Promise<boolean> {
  const req = Object.assign(new IncomingMessage(new Socket()), { ip: "203.0.113.9" });
  const error = await new Promise((resolve) => limiter(req, new ServerResponse(req), resolve));
  return error === undefined;
}

/** A first request, then bursts of up to twice the limit shortly before and after the ends of the windows that begin with it. */
function burstTimes(limit: number, random: () => number): number[] {
  const times = [0];
  for (let edge = 1; edge <= 4; edge += 1) {
    for (const side of [-1, 1]) {
      const at = Math.floor(edge * windowMs + side * random() * 60);
      const size = Math.ceil(random() * 2 * limit);
      times.push(...Array.from({ length: size }, (_, index) => at + Math.floor(index * random() * 3)));
    }
  }
  return times.toSorted((one, other) => one - other);
}

function steadyTimes(limit: number, random: () => number): number[] {
  const everyMs = windowMs / (limit * 0.94);
  const phase = random() * windowMs;
  return Array.from({ length: 4 * limit }, (_, sent) => Math.floor(phase + sent * everyMs));
}

/** The most of the ascending times that lie within a window, both ends included. */
function fullestWindow(times: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? at) < at - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Lehmer's generator: the same numbers on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
