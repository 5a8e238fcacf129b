import { Gate } from "../src/gate/gate.ts";
import type { Ask, Entrant, Refusal } from "../src/store.ts";

/** A gate whose clock the test moves. */
export function gateByHand(): { gate: Gate; clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  return { gate: new Gate({ now: () => clock.nowMs }), clock };
}

const queue = { name: "q", max: 10_000, maxPerShare: 10_000, maxWaitMs: 600_000, agingMs: 1_000 };

/** A request of a share for one slot of a limit. */
export function ask(share: string, max: number, more: Partial<Ask> & { key?: string; bounds?: Partial<Ask["queue"]> } = {}): Ask {
  const { key = "", bounds, ...rest } = more;
  return {
    demands: [{ limit: key === "" ? "model" : "own", key, max }],
    share,
    weight: 1,
    cost: 1,
    priority: 0,
    queue: { ...queue, ...bounds },
    ...rest,
  };
}

/** Notes what becomes of a request. */
export class Recorder implements Entrant {
  state: "queued" | "admitted" | "refused" = "queued";
  position = -1;
  refusal: Refusal | undefined;
  leave: () => void = () => undefined;
  readonly #onAdmitted: () => void;

  constructor(onAdmitted: () => void = () => undefined) {
    this.#onAdmitted = onAdmitted;
  }

  queued(position: number): void {
    this.position = position;
  }

  admitted(position: number): void {
    this.state = "admitted";
    this.position = position;
    this.#onAdmitted();
  }

  refused(refusal: Refusal): void {
    this.state = "refused";
    this.refusal = refusal;
  }
}

export function enter(gate: Gate, asked: Ask, onAdmitted?: () => void): Recorder {
  const recorder = new Recorder(onAdmitted);
  recorder.leave = gate.enter(asked, recorder);
  return recorder;
}

/** Lets admissions of those that waited take effect. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
