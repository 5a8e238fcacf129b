import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";

/** The pauses between looks double from the first to the last: what comes soon is seen soon, and a long wait costs little. */
const pauseMs = { first: 2, last: 64 };

/** How long a test waits before it calls a wait a hang. No test may depend on this being short, and none writes a shorter limit. */
export const hangAfterMs = 240_000;

export interface EventuallyOptions {
  /** What to show when the condition never held, such as `() => received`; by default what the condition returned or threw. */
  state?: () => unknown;
  /** Default 240000. Only distinguishes a hang from a slow machine: never a promise about time. */
  withinMs?: number;
}

/**
 * Looks again and again until the condition holds, and resolves with its value.
 *
 * The condition holds when it returns something truthy. When it returns something else or throws, it is looked at again: assertions
 * can be conditions. Rejects after `withinMs` with `what` and the last state seen.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  what: string,
  { state, withinMs = hangAfterMs }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let pause = pauseMs.first; ; pause = Math.min(2 * pause, pauseMs.last)) {
    const seen = await look(condition);
    if ("value" in seen && Boolean(seen.value)) return seen.value;
    if (performance.now() > deadline) {
      const shown = state === undefined ? describe(seen, condition) : inspect(state(), { depth: 4 });
      throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${shown}`);
    }
    await delay(pause);
  }
}

type Seen<T> = { value: T } | { error: unknown };

async function look<T>(condition: () => T | Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}

function describe(seen: Seen<unknown>, condition: () => unknown): string {
  if ("error" in seen) return seen.error instanceof Error ? seen.error.message : inspect(seen.error);
  return `${inspect(seen.value)} from ${condition.toString()}`;
}
