import type { OnAny } from "./changes.ts";
import { channels } from "./channels.ts";
import type { OnEvent } from "./on-event.ts";
import type { BudgetView, PenaltyView, PrincipalStanding } from "./report.ts";
import type { RequestDescriber } from "./request-describer.ts";

/** Most entries of each kind; the one that was set first makes room. */
const mostEntries = 200;

/** What was reported last of each breaker, caller, budget and penalty. */
export interface Standings {
  readonly breakers: ReadonlyMap<string, string>;
  /** Ejected replicas by upstream and URL. */
  readonly ejected: ReadonlyMap<string, readonly [target: string, origin: string]>;
  readonly health: ReadonlyMap<string, string>;
  readonly inFlight: ReadonlyMap<string, number>;
  readonly principals: ReadonlyMap<string, PrincipalStanding>;
  readonly budgets: ReadonlyMap<string, BudgetView>;
  readonly penalties: ReadonlyMap<string, PenaltyView>;
}

export function keepStandings(on: OnEvent, onAny: OnAny, describer: RequestDescriber): Standings {
  const breakers = new Map<string, string>();
  const ejected = new Map<string, readonly [string, string]>();
  const health = new Map<string, string>();
  const inFlight = new Map<string, number>();
  const principals = new Map<string, PrincipalStanding>();
  const budgets = new Map<string, BudgetView>();
  const penalties = new Map<string, PenaltyView>();

  on(channels.breakerChanged, ({ target, to }) => setBounded(breakers, target, to));
  on(channels.attempted, ({ target }) => {
    if (!breakers.has(target)) setBounded(breakers, target, "closed");
  });
  on(channels.replicaChanged, ({ target, origin, to }) => {
    const key = `${target} ${origin}`;
    if (to === "ejected") setBounded(ejected, key, [target, origin]);
    else ejected.delete(key);
  });
  onAny(channels.serviceChanged, ({ service, to }) => setBounded(health, service, to));
  on(channels.admitted, ({ limits }) => {
    for (const limit of limits) setBounded(inFlight, limit, (inFlight.get(limit) ?? 0) + 1);
  });
  on(channels.released, ({ limits }) => {
    for (const limit of limits) setBounded(inFlight, limit, Math.max(0, (inFlight.get(limit) ?? 0) - 1));
  });
  on(channels.limitDecided, ({ req, policy, limit, remaining }) => {
    const principal = describer.principal(req);
    if (principal !== undefined) setBounded(principals, principal, { policy, limit, remaining, at: Date.now() });
  });
  on(channels.budgetDecided, ({ req, budgets: applied }) => {
    for (const { budget, unit, limit, spent, held, resetsAt: end } of applied) {
      const resetsAt = end.getTime();
      if (isLess(budgets.get(budget), { limit, spent, resetsAt })) {
        setBounded(budgets, budget, { budget, unit, limit, spent, held, resetsAt, principal: describer.principal(req) });
      }
    }
  });
  onAny(channels.penaltyChanged, ({ key, client, to, reason, durationMs }) => {
    if (to === "none") penalties.delete(client);
    else setBounded(penalties, client, { id: client, client: describer.address(key), reason, until: Date.now() + durationMs });
  });
  return { breakers, ejected, health, inFlight, principals, budgets, penalties };
}

/** Whether a budget stood better for the caller that is known than it stands for another one, or in an earlier period. */
function isLess(known: BudgetView | undefined, { limit, spent, resetsAt }: Pick<BudgetView, "limit" | "spent" | "resetsAt">): boolean {
  if (known === undefined || resetsAt > known.resetsAt || Date.now() >= known.resetsAt) return true;
  return resetsAt === known.resetsAt && spent * known.limit >= known.spent * limit;
}

function setBounded<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key) && map.size >= mostEntries) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(key, value);
}
