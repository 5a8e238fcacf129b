/** What requests show: `down` when they fail, `up` when they succeed again. */
export type Observed = "up" | "down";

/** What was told last about the requests to a service or a replica. */
export interface Observation {
  /** True from `down` until `up`, or until it was not repeated for the time that it holds. */
  readonly isDown: boolean;
  tell(observed: Observed): void;
}

/** Trouble is forgotten after `holdMs`: without requests nobody would ever say that it is over. */
export function makeObservation(holdMs: number): Observation {
  let downUntil = -Infinity;

  return {
    get isDown() {
      return performance.now() < downUntil;
    },
    tell(observed) {
      downUntil = observed === "down" ? performance.now() + holdMs : -Infinity;
    },
  };
}
