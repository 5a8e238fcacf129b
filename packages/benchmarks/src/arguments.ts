import { parseArgs } from "node:util";

import { type CaseId, cases } from "./cases.ts";
import type { ContestantId } from "./contestants/contestant.ts";
import { contestants } from "./contestants/contestants.ts";

const caseIds = cases.map(({ id }) => id);
const contestantIds = contestants.map(({ id }) => id);

export const usage = `Usage: pnpm bench [options]

  --rounds N      how often each contestant is measured, taking turns; default 3
  --seconds N     how long each is loaded in a round, in turns of 2 s where that can be; default 6
  --warm-up N     how long it is loaded before, unmeasured; default 10
  --cases LIST    of ${caseIds.join(", ")}; default all
  --only LIST     of ${contestantIds.join(", ")}; default all that are installed
  --access-log    every stack writes an access log, which is thrown away; default: none writes one
  --json FILE     writes every sample there
  --svg FILE      draws the chart there
  --help          this text
`;

/** What the command line asks for. */
export interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly cases: readonly CaseId[];
  readonly only: readonly ContestantId[];
  readonly accessLog: boolean;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

/** @throws Error that says which option is wrong and what it takes */
export function readArguments(argv: readonly string[]): Settings | "help" {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== "--"),
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "6" },
      "warm-up": { type: "string", default: "10" },
      cases: { type: "string", default: caseIds.join(",") },
      only: { type: "string", default: contestantIds.join(",") },
      "access-log": { type: "boolean", default: false },
      json: { type: "string" },
      svg: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    rounds: readCount("--rounds", values.rounds, 100),
    seconds: readCount("--seconds", values.seconds, 600),
    warmUpSeconds: readCount("--warm-up", values["warm-up"], 600),
    cases: readNames("--cases", values.cases, caseIds),
    only: readNames("--only", values.only, contestantIds),
    accessLog: values["access-log"],
    json: values.json,
    svg: values.svg,
  };
}

function readCount(name: string, text: string, max: number): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) throw new Error(`${name} must be an integer from 1 to ${max}, got ${JSON.stringify(text)}`);
  return count;
}

function readNames<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  return text.split(",").map((given) => {
    const name = known.find((each) => each === given.trim());
    if (name === undefined) throw new Error(`${option} takes ${known.join(", ")}, separated by commas, got ${JSON.stringify(given)}`);
    return name;
  });
}
