export { type Activity, type ActivityOptions, collectActivity } from "./activity/collect-activity.ts";
export type { ActivityReport, ActivityRequest, QueueState, ReplicaState, UpstreamState } from "./activity/report.ts";
export type { RequestDescriberOptions } from "./activity/request-describer.ts";
export { type ConsoleActionTaken, consoleActionTaken } from "./events.ts";
export { type LiveConsole, liveConsole } from "./live-console.ts";
export type { Access, ListedPenalty, LiveConsoleOptions, MetricsSource, NotedChange, PenaltyKeeper } from "./options.ts";
