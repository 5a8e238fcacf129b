import type { ActivityReport, ReplicaState, UpstreamState } from "../activity/report.ts";
import { quantile } from "../series/buckets.ts";
import type { Moment, Rolling } from "../series/rolling.ts";
import { outcomes, replicaMark, upstreamRow } from "../series/rows.ts";
import { perSecond, round } from "./traffic.ts";
import type { ActivityWindows } from "./windows.ts";

/** Most upstreams that are shown. */
const shownUpstreams = 50;

/** A replica over the window, with its state if that is known. */
interface ReplicaView extends Partial<Omit<ReplicaState, "requests">> {
  readonly origin: string;
  /** Attempts in the window. */
  readonly attempts: number;
  readonly failed: number;
  /** Requests that it is handling. */
  readonly inFlight?: number;
}

/** An upstream over the window. */
export interface UpstreamView {
  readonly name: string;
  readonly health?: string | undefined;
  readonly breaker?: string | undefined;
  readonly attempts: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Times to the first byte in milliseconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly inFlight?: number;
  readonly replicas: readonly ReplicaView[];
}

const failures = ["server_error", "connect_error", "timeout", "reset", "refused"] as const;
const failureIndexes = failures.map((outcome) => outcomes.indexOf(outcome));

interface Row {
  readonly total: Float64Array;
  readonly recent: number;
}

/** Upstreams that have a name in a report, with what all processes have counted and know of them. */
export function upstreamViews(windows: ActivityWindows, reports: readonly ActivityReport[], moment: Moment): UpstreamView[] | undefined {
  const rows = rowsByTarget(windows);
  const states = statesByTarget(reports);
  const health = new Map(reports.flatMap((report) => report.health));
  const names = new Set([
    ...states.keys(),
    ...rows.keys(),
    ...health.keys(),
    ...reports.flatMap(({ breakers }) => breakers.map(([target]) => target)),
  ]);
  if (names.size === 0) return undefined;
  return [...names]
    .slice(0, shownUpstreams)
    .map((name) =>
      viewOf(name, { rows: rows.get(name) ?? new Map<string, Row>(), state: states.get(name), health: health.get(name), reports, moment }),
    );
}

interface Known {
  readonly rows: ReadonlyMap<string, Row>;
  readonly state: UpstreamState | undefined;
  readonly health: string | undefined;
  readonly reports: readonly ActivityReport[];
  readonly moment: Moment;
}

function viewOf(name: string, { rows, state, health, reports, moment }: Known): UpstreamView {
  const total = sum([...rows.values()].map((row) => row.total));
  const recent = [...rows.values()].reduce((all, row) => all + row.recent, 0);
  const firstByte = total.subarray(upstreamRow.firstByte);
  const breakers = reports.flatMap((report) => report.breakers.flatMap(([target, is]) => (target === name ? is : [])));
  return {
    name,
    health: state?.health ?? health,
    breaker: state?.breaker ?? mostOpen(breakers),
    ...attemptsOf(total),
    perSecond: perSecond(recent, moment),
    p50: rounded(quantile(0.5, firstByte)),
    p95: rounded(quantile(0.95, firstByte)),
    ...(state !== undefined && { inFlight: state.replicas.reduce((all, { requests }) => all + requests, 0) }),
    replicas: replicaViews(rows, state, ejectedOf(reports, name)),
  };
}

function replicaViews(rows: ReadonlyMap<string, Row>, state: UpstreamState | undefined, ejected: ReadonlySet<string>): ReplicaView[] {
  const known = new Map((state?.replicas ?? []).map((replica) => [replica.origin, replica]));
  const origins = state === undefined ? new Set([...rows.keys(), ...ejected].filter((origin) => origin !== "")) : known.keys();
  return Array.from(origins, (origin) => {
    const { requests, ...replica } = known.get(origin) ?? { origin, ejected: ejected.has(origin), requests: undefined };
    const counted = attemptsOf(rows.get(origin)?.total ?? new Float64Array(upstreamRow.width));
    return { ...replica, ...counted, ...(requests !== undefined && { inFlight: requests }) };
  });
}

function rowsByTarget({ upstreams }: ActivityWindows): Map<string, Map<string, Row>> {
  const targets = new Map<string, Map<string, Row>>();
  for (const [key, window] of upstreams.entries()) {
    const [target = "", origin = ""] = key.split(replicaMark);
    const replicas = targets.get(target) ?? new Map<string, Row>();
    replicas.set(origin, { total: window.total, recent: recentOf(window) });
    targets.set(target, replicas);
  }
  return targets;
}

function recentOf(window: Rolling): number {
  return outcomes.reduce((sumOfAll, _outcome, index) => sumOfAll + window.recent(index, 3), 0);
}

/** Joins what all processes know: of breakers the most open one, and a replica is ejected or failing if it is for one of them. */
function statesByTarget(reports: readonly ActivityReport[]): Map<string, UpstreamState> {
  const all = Map.groupBy(
    reports.flatMap(({ upstreamStates }) => upstreamStates ?? []),
    ({ target }) => target,
  );
  return new Map(Array.from(all, ([target, states]) => [target, joinStates(target, states)]));
}

function joinStates(target: string, states: readonly UpstreamState[]): UpstreamState {
  const replicas = Map.groupBy(
    states.flatMap((state) => state.replicas),
    ({ origin }) => origin,
  );
  const health = states.find((state) => state.health !== undefined)?.health;
  return {
    target,
    breaker: mostOpen(states.map(({ breaker }) => breaker)) ?? "closed",
    replicas: Array.from(replicas.values(), joinReplicas),
    ...(health !== undefined && { health }),
  };
}

function joinReplicas(same: readonly ReplicaState[]): ReplicaState {
  return {
    origin: "",
    ...same[0],
    ejected: same.some(({ ejected }) => ejected),
    failing: same.some(({ failing }) => failing),
    draining: same.some(({ draining }) => draining),
    requests: same.reduce((all, { requests }) => all + requests, 0),
  };
}

function mostOpen(states: readonly string[]): string | undefined {
  return ["open", "half-open", "closed"].find((state) => states.includes(state));
}

function ejectedOf(reports: readonly ActivityReport[], name: string): Set<string> {
  return new Set(reports.flatMap(({ ejected }) => ejected.flatMap(([target, origin]) => (target === name ? origin : []))));
}

function attemptsOf(total: Float64Array): { attempts: number; failed: number } {
  const attempts = outcomes.reduce((all, _outcome, index) => all + (total[index] ?? 0), 0);
  return { attempts, failed: failureIndexes.reduce((all, index) => all + (total[index] ?? 0), 0) };
}

function sum(rows: readonly Float64Array[]): Float64Array {
  const total = new Float64Array(upstreamRow.width);
  for (const row of rows) for (const [index, value] of row.entries()) total[index] = (total[index] ?? 0) + value;
  return total;
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : round(value);
}
