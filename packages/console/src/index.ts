export { type Activity, type ActivityOptions, collectActivity } from "./activity/collect-activity.ts";
export type { ActivityReport, QueueState, ReplicaState, UpstreamState, Wanted } from "./activity/report.ts";
export type { WhoOptions } from "./activity/who.ts";
export { type ConsoleActionTaken, consoleActionTaken } from "./events.ts";
export { type LiveConsole, liveConsole } from "./live-console.ts";
export type { Access, ListedPenalty, LiveConsoleOptions, MetricsSource, NotedChange, PenaltyKeeper } from "./options.ts";
