import { setImmediate } from "node:timers/promises";

/** Work in steps of a few milliseconds, and its result. */
export type Steps<T> = Generator<void, T, void>;

/** Does the work without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Does the work with a turn of the event loop between two steps, so that requests are served meanwhile. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await setImmediate();
    step = steps.next();
  }
  return step.value;
}
