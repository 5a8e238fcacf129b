import type { RequestListener } from "node:http";

import { upgradeListener } from "@aivillage/middleware";
import type { BudgetAccount } from "@aivillage/token-budget";

import type { ServedEndpoints } from "./endpoints/serve-endpoints.ts";
import type { Gateway } from "./gateway.ts";
import type { InForce } from "./state/in-force.ts";
import { levelOf, setLevelOf } from "./state/log-level.ts";
import { RecentReloads } from "./state/recent-reloads.ts";
import type { RuntimeState } from "./state/runtime-state.ts";

/** The handlers of one configuration. */
export interface RequestPath {
  readonly listener: RequestListener;
  readonly trustsPeer: (address: string | undefined) => boolean;
  readonly endpoints: Pick<ServedEndpoints, "services" | "setDraining" | "budgets">;
  close(): Promise<void>;
}

/** What the program around a gateway does with it: it serves, shows, changes, reloads and ends the configuration in force. */
export function operate(inForce: InForce<RequestPath>, state: RuntimeState): Gateway {
  const reloads = new RecentReloads();

  function setDraining(replica: string, isDraining: boolean): boolean {
    const isKnown = inForce.made.endpoints.setDraining(replica, isDraining);
    if (!isDraining) state.drainingReplicas.delete(replica);
    else if (isKnown) state.drainingReplicas.add(replica);
    return isKnown;
  }

  async function changed(change: Promise<BudgetAccount>): Promise<BudgetAccount> {
    const account = await change;
    state.observer.budgetsChanged([account]);
    return account;
  }

  const handler: RequestListener = (req, res) => {
    if (state.draining) res.setHeader("Connection", "close");
    inForce.made.listener(req, res);
  };

  return {
    handler,
    upgrade: upgradeListener(handler),
    get app() {
      return state.own.app;
    },
    get config() {
      return inForce.config;
    },
    logger: state.logger,
    registry: state.registry,
    penalties: state.counts.penalties,
    trustsPeer: (address) => inForce.made.trustsPeer(address),
    connectionLimited: state.observer.connectionLimited,
    clientDropped: state.observer.clientDropped,
    reloaded: (result) => {
      reloads.add(result);
      state.observer.reloaded(result.outcome);
    },
    get reloads() {
      return reloads.all;
    },
    get logLevel() {
      return levelOf(state.logger);
    },
    setLogLevel: (level) => {
      if (!setLevelOf(state.logger, level)) return false;
      state.observer.logDecisions(level === "debug");
      return true;
    },
    services: () => inForce.made.endpoints.services(),
    budgets: {
      list: (filter) => inForce.made.endpoints.budgets.list(filter),
      grant: (budget, key, amount) => changed(inForce.made.endpoints.budgets.grant(budget, key, amount)),
      reset: (budget, key) => changed(inForce.made.endpoints.budgets.reset(budget, key)),
    },
    budgetsChanged: state.observer.budgetsChanged,
    slots: () => state.slots.counts(),
    owns: state.observer.owns,
    drainReplica: (replica) => setDraining(replica, true),
    resumeReplica: (replica) => setDraining(replica, false),
    ready: Promise.all([state.counts.ready, state.budgets.ready(), state.tokenKeys.of(inForce.config.auth)?.ready()]),
    reload: (requested) => inForce.replace(requested),
    reloadInTurns: (requested) => inForce.replaceInTurns(requested),
    startProbes: () => state.observer.startProbes(),
    drain: () => {
      state.draining = true;
    },
    close: async () => {
      await inForce.close();
      await state.close();
    },
  };
}
