import * as fc from "fast-check";

/** One step of a simulation. Numbers choose among what is there at the moment. */
export type Step =
  | { readonly do: "begin"; readonly accounts: number; readonly amount: number; readonly used: number }
  | { readonly do: "extend" | "renew" | "settle" | "settle again" | "crash" | "cut off"; readonly call: number; readonly share: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "set clock"; readonly ms: number }
  | { readonly do: "grant"; readonly account: number; readonly amount: number };

const call = fc.nat(1_000);
const share = fc.double({ min: 0, max: 1, noNaN: true });

export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("begin" as const), accounts: fc.nat(63), amount: fc.nat(60), used: share }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("extend" as const, "renew" as const), call, share }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle" as const), call, share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("settle again" as const), call, share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("crash" as const, "cut off" as const), call, share }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.oneof(fc.nat(500), fc.nat(15_000)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("set clock" as const), ms: fc.integer({ min: -90_000, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("grant" as const), account: fc.nat(5), amount: fc.nat(30) }) },
);
