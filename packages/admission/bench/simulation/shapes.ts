import type { BackendShape } from "./backend.ts";

/** Servers as they differ in practice: what they do beyond their capacity, and how long calls take. */
export const shapes: readonly BackendShape[] = [
  { name: "16 slots, queues", slots: 16, beyond: "queues", holds: 1_000, firstToken: [250, 0.4], rest: [4_000, 0.8] },
  { name: "16 slots, gets slower", slots: 16, beyond: "shares", holds: 1_000, firstToken: [250, 0.4], rest: [4_000, 0.8] },
  { name: "16 slots, refuses beyond 24", slots: 16, beyond: "queues", holds: 24, firstToken: [250, 0.4], rest: [4_000, 0.8] },
  { name: "64 slots, short responses", slots: 64, beyond: "queues", holds: 1_000, firstToken: [120, 0.3], rest: [800, 0.5] },
  { name: "4 slots, long responses", slots: 4, beyond: "queues", holds: 1_000, firstToken: [600, 0.5], rest: [12_000, 1] },
];
