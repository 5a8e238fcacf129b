import type { Ask, Entrant } from "../store.ts";
import type { Cap } from "./cap.ts";
import type { Share } from "./share.ts";

/** A request that waits for slots. */
export interface Waiter {
  readonly ask: Ask;
  readonly entrant: Entrant;
  readonly caps: readonly Cap[];
  readonly share: Share;
  readonly arrivedMs: number;
  /** Order within its share: a level of priority is a head start. */
  readonly rank: number;
  readonly position: number;
  timer: NodeJS.Timeout | undefined;
  state: "waiting" | "admitted" | "gone";
}

export function areFree(caps: readonly Cap[]): boolean {
  for (const cap of caps) if (!cap.isFree) return false;
  return true;
}
