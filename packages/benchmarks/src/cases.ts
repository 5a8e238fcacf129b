import { httpLoad } from "./loads/http-load.ts";
import { idleLoad } from "./loads/idle-load.ts";
import type { Load } from "./loads/load.ts";
import { pacedLoad } from "./loads/paced-load.ts";
import { repeated, streamLoad } from "./loads/stream-load.ts";
import { uploadLoad } from "./loads/upload-load.ts";
import {
  callRequest,
  calls,
  chatRequest,
  healthRequest,
  localRequest,
  longChatRequests,
  type RequestShape,
  streamRequest,
  streams,
} from "./traffic.ts";
import type { UpstreamPorts } from "./upstream.ts";

type PostId = "post" | keyof typeof longChatRequests | "paced";
export type CaseId = PostId | "local" | "sse" | "calls" | "upload" | "large-upload" | "health" | "idle";

/** One kind of traffic. */
export interface Case {
  readonly id: CaseId;
  readonly title: string;
  /** What is counted. */
  readonly unit: "requests" | "events" | "MiB" | "connection-seconds";
  /** What p50 and p99 are the times of. */
  readonly timed: string;
  /** Buffering proxies must pass on at once. */
  readonly streaming: boolean;
  /** Calls of language models, for which the gateway has a route that meters them. */
  readonly calls?: boolean;
  /** Where memory is the point: what the growth is divided by, and its name. */
  readonly memory?: { readonly label: string; readonly perMebibyte: number };
  /** The request that is repeated, which each contestant must serve with all of its work before it is timed. */
  readonly request?: RequestShape;
  readonly load: Load;
  /** All contestants of a round run at once and are loaded one after the other for 2 s, again and again. Default: each runs alone. */
  readonly inTurns?: boolean;
  /** Brings the code paths to speed. Default: the load itself. */
  readonly warmUp?: Load;
  /** URLs of the three upstream services. Default: healthy ones. */
  readonly services?: (ports: UpstreamPorts) => readonly [string, string, string];
}

/** Connections that one case holds without a request on them. */
const idleConnections = 5_000;

/** A load that most deployments see: far below what saturates a core, and not waiting for responses. */
const requestsPerSecond = 2_000;

function longPost(id: keyof typeof longChatRequests, size: string): Case {
  const request = longChatRequests[id];
  const title = `Proxied POST with ${size} of JSON, through everything`;
  return { id, title, unit: "requests", timed: "request", streaming: false, request, load: httpLoad(request), inTurns: true };
}

const growth = { label: "growth MiB", perMebibyte: 1 } as const;

/** The discard port, where nobody listens. */
const refusing = "http://127.0.0.1:9";

export const cases: readonly Case[] = [
  {
    id: "post",
    title: "Proxied POST with 200 bytes of JSON, through everything",
    unit: "requests",
    timed: "request",
    streaming: false,
    request: chatRequest,
    load: httpLoad(chatRequest),
    inTurns: true,
  },
  longPost("post-1k", "1 kB"),
  longPost("post-10k", "10 kB"),
  longPost("post-30k", "30 kB"),
  {
    id: "paced",
    title: `Proxied POST, ${requestsPerSecond.toLocaleString("en-US")} a second`,
    unit: "requests",
    timed: "request",
    streaming: false,
    request: chatRequest,
    load: pacedLoad(chatRequest, requestsPerSecond),
    // At this pace a stack with much code would be compiled to its end only after half a minute.
    warmUp: httpLoad(chatRequest),
    inTurns: true,
  },
  {
    id: "local",
    title: "Local JSON route, through everything",
    unit: "requests",
    timed: "request",
    streaming: false,
    request: localRequest,
    load: httpLoad(localRequest),
    inTurns: true,
  },
  {
    id: "sse",
    title: `${streams.count} event streams at once`,
    unit: "events",
    timed: "first event",
    streaming: true,
    memory: { label: "KiB per stream", perMebibyte: 1_024 / streams.count },
    load: streamLoad(streamRequest, streams),
    // Ordinary traffic: a process at rest has its heap yet to grow, whatever comes first.
    warmUp: httpLoad(localRequest),
  },
  {
    id: "calls",
    title: `${calls.count} streams of 100 tokens at once, metered`,
    unit: "events",
    timed: "first event",
    streaming: true,
    calls: true,
    load: repeated(streamLoad(callRequest, calls)),
    inTurns: true,
  },
  {
    id: "upload",
    title: "Uploads of 64 MiB, two at a time",
    unit: "MiB",
    timed: "upload",
    streaming: true,
    memory: growth,
    load: uploadLoad(64, 2),
    warmUp: uploadLoad(2, 2),
  },
  {
    id: "large-upload",
    title: "One upload of 1 GiB",
    unit: "MiB",
    timed: "upload",
    streaming: true,
    memory: growth,
    load: (target) => uploadLoad(1_024, 1)({ ...target, seconds: 0 }),
    warmUp: uploadLoad(2, 1),
  },
  {
    id: "idle",
    title: `${idleConnections.toLocaleString("en-US")} idle connections`,
    unit: "connection-seconds",
    timed: "request beside them",
    streaming: false,
    memory: { label: "KiB per connection", perMebibyte: 1_024 / idleConnections },
    load: idleLoad(localRequest, idleConnections),
    warmUp: httpLoad(localRequest),
  },
  {
    id: "health",
    title: "Health with a hanging, a flapping and a refusing service",
    unit: "requests",
    timed: "request",
    streaming: false,
    load: httpLoad(healthRequest, { anyStatus: true }),
    services: ({ hanging, flapping }) => [`http://127.0.0.1:${hanging}`, `http://127.0.0.1:${flapping}`, refusing],
  },
];
