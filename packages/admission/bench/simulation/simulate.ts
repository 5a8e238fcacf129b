import { Backend, type BackendShape } from "./backend.ts";
import { Events } from "./events.ts";
import { percentile } from "./percentile.ts";
import type { Policy } from "./policies.ts";
import { Random } from "./random.ts";

export interface Run {
  readonly shape: BackendShape;
  readonly policy: Policy;
  /** Calls that come for each one that the backend can serve. */
  readonly overload: number;
  readonly minutes: number;
  readonly seed: number;
}

export interface Outcome {
  /** Calls a second that ended with their first token in time. */
  readonly goodput: number;
  /** 95th percentile of the milliseconds to the first token after admission. */
  readonly firstTokenP95: number;
  readonly limitAtEnd: number;
  readonly refused: number;
}

/** The first third is for learning. */
const warmUpPart = 1 / 3;
/** A first token is in time within this multiple of the 95th percentile without load. */
const inTime = 1.5;
const mostWaiting = 200;
const longestWaitMs = 10_000;

/** Calls that come at random, a queue in the order of arrival, a limit, and a backend. */
export function simulate({ shape, policy, overload, minutes, seed }: Run): Outcome {
  const random = new Random(seed);
  const events = new Events();
  const backend = new Backend(shape, events, random);
  const endMs = minutes * 60_000;
  const queue: number[] = [];
  const firstTokens: number[] = [];
  let inFlight = 0;
  let good = 0;
  let refused = 0;

  const isCounted = (): boolean => events.nowMs >= endMs * warmUpPart;
  const sample = (admittedMs: number) => ({ ms: events.nowMs - admittedMs, admittedMs, nowMs: events.nowMs, inFlight });

  function serve(): void {
    while (queue.length > 0 && (queue[0] ?? 0) < events.nowMs - longestWaitMs) queue.shift();
    while (queue.length > 0 && inFlight < policy.limit) {
      queue.shift();
      begin();
    }
  }

  function begin(): void {
    const admittedMs = events.nowMs;
    let firstMs = Infinity;
    inFlight += 1;
    policy.begin?.();
    const done = (): void => {
      inFlight -= 1;
      serve();
    };
    backend.call({
      onFirstToken() {
        firstMs = events.nowMs - admittedMs;
        if (isCounted()) firstTokens.push(firstMs);
        policy.firstToken?.(sample(admittedMs));
      },
      onEnd() {
        if (isCounted() && firstMs <= inTime * shape.firstToken.p95) good += 1;
        policy.end?.(sample(admittedMs));
        done();
      },
      onRefused() {
        refused += 1;
        policy.refused?.(admittedMs, events.nowMs);
        // The refusal takes its way back.
        events.after(5, done);
      },
    });
  }

  function arrive(): void {
    if (queue.length < mostWaiting) queue.push(events.nowMs);
    serve();
    events.after(random.exponential((shape.firstToken.mean + shape.rest.mean) / shape.slots / overload), arrive);
  }

  arrive();
  events.runUntil(endMs);
  const countedSeconds = (endMs * (1 - warmUpPart)) / 1_000;
  return { goodput: good / countedSeconds, firstTokenP95: percentile(firstTokens, 0.95), limitAtEnd: policy.limit, refused };
}
