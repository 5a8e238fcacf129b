import type { Settings } from "./arguments.ts";
import { type Case, type CaseId, cases } from "./cases.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { contestants } from "./contestants/contestants.ts";
import { isInstalled } from "./find-program.ts";
import { describeMachine, type Machine, versions } from "./machine.ts";
import { prepare } from "./prepare.ts";
import type { Progress } from "./progress.ts";
import { type ContestantResult, type Entrant, runGroup } from "./run-group.ts";
import { startUpstream } from "./start-upstream.ts";
import type { Conditions } from "./trial.ts";
import type { UpstreamPorts } from "./upstream.ts";

export interface CaseResult {
  readonly case: CaseId;
  readonly results: readonly ContestantResult[];
}

/** Everything that one call of the command has found. */
export interface Run {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly cases: readonly CaseResult[];
}

/** @throws Error when there is nothing to measure, or the gateway or the peers cannot be made ready */
export async function bench(settings: Settings, progress: Progress): Promise<Run> {
  if (process.platform !== "linux") throw new Error("CPU time and memory are read from /proc: run it on Linux");
  const machine = describeMachine();
  await prepare(progress);
  const startedAt = new Date().toISOString();
  const upstream = await startUpstream();
  const found: CaseResult[] = [];
  try {
    for (const each of cases.filter(({ id }) => settings.cases.includes(id))) {
      found.push({ case: each.id, results: await runCase(each, settings, upstream.ports, progress) });
    }
  } finally {
    await upstream.stop();
    progress.done();
  }
  return { startedAt, machine: { ...machine, versions: versions() }, settings, cases: found };
}

/** A different contestant begins each round. A contestant that fails once is out. */
async function runCase(each: Case, settings: Settings, ports: UpstreamPorts, progress: Progress): Promise<ContestantResult[]> {
  const field = contestants.filter((contestant) => takesPart(contestant, each.id, settings));
  const results = field.map(({ id }): ContestantResult => ({ contestant: id, samples: [] }));
  const conditions = { ...conditionsOf(each, ports), accessLog: settings.accessLog, warmUpSeconds: settings.warmUpSeconds };
  for (let round = 0; round < settings.rounds; round += 1) {
    const inOrder = [...field.keys()].map((turn) => (round + turn) % field.length);
    const entrants = inOrder.flatMap((place): Entrant[] => {
      const [contestant, result] = [field[place], results[place]];
      return contestant === undefined || result === undefined || result.failure !== undefined ? [] : [{ contestant, result }];
    });
    const say = (what: string): void => progress.say(`${each.id}, round ${round + 1} of ${settings.rounds}: ${what}`);
    const groups = each.inTurns === true ? [entrants] : entrants.map((entrant) => [entrant]);
    for (const group of groups) await runGroup(group, each, conditions, settings.seconds, say);
  }
  return results;
}

function takesPart({ id, cases: its, needs = [] }: Contestant, caseId: CaseId, { only }: Settings): boolean {
  return only.includes(id) && its.includes(caseId) && needs.every(isInstalled);
}

function conditionsOf({ services }: Case, ports: UpstreamPorts): Pick<Conditions, "upstream" | "services"> {
  const healthy = `http://127.0.0.1:${ports.healthy}`;
  return { upstream: ports.healthy, services: services?.(ports) ?? [healthy, healthy, healthy] };
}
