import type { ActivityReport, PenaltyView } from "../activity/report.ts";
import { shortenAddress } from "../activity/shorten-address.ts";
import type { ReadConsoleOptions } from "../options.ts";
import type { Moment } from "../series/rolling.ts";
import { attempt } from "./attempt.ts";
import type { Entries } from "./entries.ts";
import type { Point, Traffic } from "./traffic.ts";
import { upstreamViews } from "./upstream-views.ts";
import { activityViews } from "./views.ts";
import type { ActivityWindows } from "./windows.ts";

/** Points that a frame repeats: the slot that has ended since the last one may have grown. */
const pointsPerFrame = 3;

interface Gathered {
  readonly traffic: Traffic;
  readonly windows: ActivityWindows;
  readonly reports: readonly ActivityReport[];
}

type News = ReturnType<Entries["take"]>;

/** What viewers get twice per second. A member that is `undefined` is not sent, and its panel is hidden. */
export type Frame = Awaited<ReturnType<typeof makeFrame>> & News;

/** What a viewer gets first. */
export interface Hello extends News {
  readonly token: string;
  readonly title: string;
  readonly docsUrl: string;
  readonly slotMs: number;
  readonly points: readonly Point[];
}

export async function makeFrame(
  options: ReadConsoleOptions,
  { traffic, windows, reports }: Gathered,
  { moment, problems }: { readonly moment: Moment; readonly problems: string[] },
) {
  const { registry, facts, changes, limiter } = options;
  return {
    at: moment.nowMs,
    ...(registry !== undefined && { points: traffic.points(pointsPerFrame), routes: traffic.routes() ?? [] }),
    upstreams: upstreamViews(windows, reports, moment),
    ...activityViews(windows, reports, moment),
    penalties: await attempt(problems, "Penalties", () => penaltyViews(options, reports)),
    canClear: limiter !== undefined,
    processes: reports.map(({ process }) => process),
    facts: await attempt(problems, "Facts", () => facts?.()),
    noted: await attempt(problems, "Changes", () => changes?.()),
    problems,
  };
}

async function penaltyViews(
  { limiter, anonymise }: ReadConsoleOptions,
  reports: readonly ActivityReport[],
): Promise<readonly PenaltyView[]> {
  const now = Date.now();
  if (limiter === undefined) {
    const all = reports.flatMap(({ penalties }) => penalties).filter(({ until }) => until > now);
    return [...new Map(all.map((penalty) => [penalty.id, penalty])).values()];
  }
  const listed = await limiter.penalties();
  return listed.map(({ key, client, reason, remainingMs }) => {
    return { id: client, client: anonymise ? shortenAddress(key) : key, reason, until: now + remainingMs };
  });
}
