import type { Settings } from "./arguments.ts";
import { type Case, type CaseId, cases } from "./cases.ts";
import type { Contestant, ContestantId } from "./contestant.ts";
import { contestants } from "./contestants.ts";
import { isInstalled } from "./find-program.ts";
import { describeMachine, type Machine, versions } from "./machine.ts";
import { measure, type Sample } from "./measure.ts";
import { prepare } from "./prepare.ts";
import type { Progress } from "./progress.ts";
import { startUpstream } from "./start-upstream.ts";
import type { UpstreamPorts } from "./upstream.ts";

/** All rounds of one contestant under one kind of traffic. */
export interface ContestantResult {
  readonly contestant: ContestantId;
  readonly samples: Sample[];
  /** Why it could not be measured to the end. */
  failure?: string;
}

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

/** Contestants take turns, and a different one begins each round. A contestant that fails once is out. */
async function runCase(each: Case, settings: Settings, ports: UpstreamPorts, progress: Progress): Promise<ContestantResult[]> {
  const field = contestants.filter((contestant) => takesPart(contestant, each.id, settings));
  const results = field.map(({ id }): ContestantResult => ({ contestant: id, samples: [] }));
  for (let round = 0; round < settings.rounds; round += 1) {
    for (let turn = 0; turn < field.length; turn += 1) {
      const place = (round + turn) % field.length;
      const [contestant, result] = [field[place], results[place]];
      if (contestant === undefined || result === undefined || result.failure !== undefined) continue;
      progress.say(`${each.id}, round ${round + 1} of ${settings.rounds}: ${contestant.label}`);
      await measureInto(result, contestant, each, settings, ports);
    }
  }
  return results;
}

function takesPart({ id, cases: its, needs = [] }: Contestant, caseId: CaseId, { only }: Settings): boolean {
  return only.includes(id) && its.includes(caseId) && needs.every(isInstalled);
}

async function measureInto(result: ContestantResult, contestant: Contestant, each: Case, settings: Settings, ports: UpstreamPorts) {
  const sound = `http://127.0.0.1:${ports.sound}`;
  try {
    const { seconds, warmUpSeconds, accessLog } = settings;
    const services = each.services?.(ports) ?? ([sound, sound, sound] as const);
    result.samples.push(await measure(contestant, each, { upstream: ports.sound, services, accessLog, seconds, warmUpSeconds }));
  } catch (error) {
    result.failure = (error as Error).message;
  }
}
