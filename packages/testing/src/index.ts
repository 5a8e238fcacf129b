export { type Downstream, type ReceivedRequest, type Script, startDownstream } from "./downstream.ts";
export { forEachHost, type Host, type RunningServer } from "./hosts.ts";
export { listen } from "./listen.ts";
export { rawRequest } from "./raw-request.ts";
export { waitUntil } from "./wait-until.ts";
