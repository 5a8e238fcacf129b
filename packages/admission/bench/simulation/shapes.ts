import type { BackendShape } from "./backend.ts";
import { logNormal, recorded } from "./times.ts";

const usual = { firstToken: logNormal(250, 0.4), rest: logNormal(4_000, 0.8) };

/** Servers as they differ in practice: what they do beyond their capacity, and how long calls take. */
const assumed: readonly BackendShape[] = [
  { name: "16 slots, queues", slots: 16, beyond: "queues", holds: 1_000, ...usual },
  { name: "16 slots, gets slower", slots: 16, beyond: "shares", holds: 1_000, ...usual },
  { name: "16 slots, refuses beyond 24", slots: 16, beyond: "queues", holds: 24, ...usual },
  {
    name: "64 slots, short responses",
    slots: 64,
    beyond: "queues",
    holds: 1_000,
    firstToken: logNormal(120, 0.3),
    rest: logNormal(800, 0.5),
  },
  {
    name: "4 slots, long responses",
    slots: 4,
    beyond: "queues",
    holds: 1_000,
    firstToken: logNormal(600, 0.5),
    rest: logNormal(12_000, 1),
  },
];

/**
 * Tokens of the calls to two services of Azure on 2023-11-16, by the parts in `times.ts`: computed from `AzureLLMInferenceTrace_conv.csv`
 * (19,366 calls) and `AzureLLMInferenceTrace_code.csv` (8,819 calls) of https://github.com/Azure/AzurePublicDataset (CC BY 4.0), which
 * Patel et al., "Splitwise" (ISCA 2024), describe.
 */
const azure = {
  conversation: {
    prompt: [2, 181, 207, 387, 403, 703, 1_020, 1_071, 1_130, 1_315, 2_735, 4_083, 4_142, 14_050],
    output: [7, 41, 54, 77, 91, 103, 129, 177, 384, 400, 424, 451, 601, 1_000],
  },
  code: {
    prompt: [3, 75, 147, 385, 770, 1_075, 1_469, 1_909, 2_433, 3_193, 5_194, 7_315, 7_436, 7_437],
    output: [6, 6, 7, 8, 9, 11, 13, 16, 20, 29, 55, 90, 252, 1_899],
  },
} as const;

/** An assumption about the server, which the traces do not name: 10,000 tokens of a prompt per second after 30 ms, 25 ms per token of output. */
const promptMs = (tokens: number): number => 30 + tokens / 10;
const outputMs = (tokens: number): number => 25 * tokens;

const traced: readonly BackendShape[] = Object.entries(azure).flatMap(([name, { prompt, output }]) =>
  (["queues", "shares"] as const).map((beyond) => ({
    name: `Azure ${name}, 16 slots, ${beyond === "queues" ? "queues" : "gets slower"}`,
    slots: 16,
    beyond,
    holds: 1_000,
    firstToken: recorded(prompt, promptMs),
    rest: recorded(output, outputMs),
  })),
);

export const shapes: readonly BackendShape[] = [...assumed, ...traced];
