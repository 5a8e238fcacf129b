export { type BodyMemory, bodyMemory, type BodyMemoryOptions } from "./bodies/body-memory.ts";
export {
  bodyMemoryExceeded,
  type BodyMemoryExceeded,
  clientDropped,
  type ClientDropped,
  connectionLimited,
  type ConnectionLimited,
  workerCallFailed,
  type WorkerCallFailed,
  workerDied,
  type WorkerDied,
  workersReplaced,
  type WorkersReplaced,
  workerStartFailed,
  type WorkerStartFailed,
} from "./events.ts";
export { type CallArguments, type CallName, type CallReply, type Fleet, type FleetReplies, soleProcess } from "./fleet/fleet.ts";
export { joinFleet } from "./fleet/join-fleet.ts";
export type { LastingCall } from "./fleet/lasting-calls.ts";
export { workerFleet, type WorkerFleetOptions } from "./fleet/worker-fleet.ts";
export { httpServer } from "./http-server.ts";
export { LeanResponse } from "./lean-response.ts";
export type { HttpServerOptions } from "./options.ts";
export { checkHead } from "./refusals/check-head.ts";
export { recordHeaders } from "./refusals/record-headers.ts";
export { type ListenAddress, listenOn } from "./start/listen-on.ts";
export { listenOnSocket } from "./start/listen-on-socket.ts";
export { notifySystemd } from "./start/notify-systemd.ts";
export { openFileLimit } from "./start/open-file-limit.ts";
export { closeOnSignals, type CloseOnSignalsOptions } from "./stop/close-on-signals.ts";
export { type CountedListener, countRequests } from "./stop/count-requests.ts";
export { endWithLauncher } from "./stop/end-with-launcher.ts";
export { signalGuard } from "./stop/signal-guard.ts";
export { stopServer, type StopServerOptions } from "./stop/stop-server.ts";
export { superviseWorkers, type SuperviseWorkersOptions } from "./workers/supervise-workers.ts";
export { workersListening } from "./workers/workers-listening.ts";
