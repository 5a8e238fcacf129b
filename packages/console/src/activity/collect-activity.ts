import type { IncomingMessage } from "node:http";

import { defined, type Event, option, readOptions, returns, warnOfOption } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { keepChanges } from "./changes.ts";
import { countEvents } from "./counts.ts";
import { loopDelay } from "./loop-delay.ts";
import { keepRefusals } from "./refusals.ts";
import { type ActivityReport, type ActivityRequest, processName, type QueueState, type UpstreamState } from "./report.ts";
import { RequestDescriber, type RequestDescriberOptions } from "./request-describer.ts";
import { keepStandings } from "./standings.ts";

/** Options of `collectActivity()`, and of what `liveConsole()` collects itself. */
export interface ActivityOptions extends RequestDescriberOptions {
  /** Whether a request belongs to this app, where several share a process. Default: all do. */
  owns?: (req: IncomingMessage) => boolean;
  /** The number of this worker in `node:cluster`; 0 without workers. Default 0. */
  worker?: number;
  /** The state of upstreams, such as `() => proxy.state()`: it shows replicas, and requests in flight. Asked twice per second while somebody looks. */
  upstreams?: () => readonly UpstreamState[] | Promise<readonly UpstreamState[]>;
  /** The state of limits of concurrency, such as `() => store.counts()`. Asked twice per second while somebody looks. */
  queues?: () => readonly QueueState[];
}

/** What one process has seen of its requests, from the events of the packages. */
export interface Activity {
  /** What was counted since the start, and the refusals and changes that are newer than those that were read. */
  report(request?: ActivityRequest): Promise<ActivityReport>;
  close(): void;
}

const everything: ActivityRequest = { isLive: true, seen: {} };

export const activityRules = {
  requestId: option.function<NonNullable<ActivityOptions["requestId"]>>(undefined),
  route: option.function<NonNullable<ActivityOptions["route"]>>(undefined),
  principal: option.function<NonNullable<ActivityOptions["principal"]>>(undefined),
  clientIp: option.function<NonNullable<ActivityOptions["clientIp"]>>(undefined),
  anonymise: option.boolean(false),
  owns: option.function<NonNullable<ActivityOptions["owns"]>>(undefined, returns.boolean),
  worker: option.integer(0),
  upstreams: option.asyncFunction<NonNullable<ActivityOptions["upstreams"]>>(undefined),
  queues: option.function<NonNullable<ActivityOptions["queues"]>>(undefined),
};

/**
 * Collects what the packages report in this process, for `liveConsole()` in this or another process. Everything it holds is bounded.
 *
 * @throws OptionError for an unknown or bad option
 */
export function collectActivity(options?: ActivityOptions): Activity {
  const { owns, worker, upstreams, queues, ...names } = readOptions(packageName, options, activityRules);
  const ends: (() => void)[] = [];
  const onAny = <T>(source: Event<T>, listener: (message: T) => void): void => void ends.push(source.subscribe(listener));
  const on = <T extends { readonly req: IncomingMessage }>(source: Event<T>, listener: (message: T) => void): void => {
    onAny(source, owns === undefined ? listener : (message: T): void => void (isOwn(owns, message.req) && listener(message)));
  };
  const describer = new RequestDescriber(defined(names));
  const counts = countEvents(on, describer);
  const standings = keepStandings(on, onAny, describer);
  const refusals = keepRefusals(on, describer);
  const changes = keepChanges(on, onAny);
  const loop = loopDelay();
  ends.push(loop.close);
  const name = processName({ pid: process.pid, worker });

  return {
    report: async ({ isLive, seen } = everything) => {
      // Before the rest, which must be of one moment: what happened between two of its parts would be read by nobody.
      const upstreamStates = isLive ? await upstreams?.() : undefined;
      return {
        process: describeProcess(worker, loop.read()),
        upstreams: counts.upstreams.entries(),
        limits: counts.limits.entries(),
        principals: counts.principals.entries(),
        queues: counts.queues.entries(),
        budgets: counts.budgets.entries(),
        models: counts.models.entries(),
        breakers: [...standings.breakers],
        ejected: [...standings.ejected.values()],
        health: [...standings.health],
        inFlight: [...standings.inFlight],
        principalStandings: [...standings.principals],
        budgetStandings: [...standings.budgets.values()],
        penalties: [...standings.penalties.values()],
        refusals: refusals.since(seen[name]?.refusals ?? 0),
        changes: changes.since(seen[name]?.changes ?? 0),
        upstreamStates,
        queueStates: isLive ? queues?.() : undefined,
        seen: { refusals: refusals.seq, changes: changes.seq },
      };
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}

/** A listener of an event must not throw. */
function isOwn(owns: NonNullable<ActivityOptions["owns"]>, req: IncomingMessage): boolean {
  try {
    return owns(req);
  } catch (error) {
    warnOfOption(error);
    return false;
  }
}

function describeProcess(worker: number, loopDelayMs: ActivityReport["process"]["loopDelayMs"]): ActivityReport["process"] {
  const { rss, heapUsed } = process.memoryUsage();
  const uptimeSeconds = Math.floor(process.uptime());
  return { pid: process.pid, worker, uptimeSeconds, rssBytes: rss, heapUsedBytes: heapUsed, loopDelayMs };
}
