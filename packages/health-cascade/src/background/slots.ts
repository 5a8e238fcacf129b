/** Bounds how much goes on at once. */
export interface Slots {
  /** Resolves when there is a slot, in the order of the calls. */
  take(): Promise<void>;
  giveBack(): void;
}

export function makeSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;

  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    giveBack() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
