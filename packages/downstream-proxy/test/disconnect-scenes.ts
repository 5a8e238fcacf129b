import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";

import { eventually, whenClosed } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, type ProxyServer, type RawServer, rawClient, rawServer, serveProxy } from "./support.ts";

export const phases = [
  "queued",
  "connecting",
  "before headers",
  "held head",
  "mid-body",
  "half upload",
  "upstream reset",
  "drain",
] as const;
export const kinds = ["JSON", "SSE", "upload"] as const;
export type Phase = (typeof phases)[number];
export type Kind = (typeof kinds)[number];

const requestHeads: Readonly<Record<Kind, string>> = {
  JSON: "POST /query HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n",
  SSE: "POST /chat HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
  upload: "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 60000\r\n\r\n",
};

const halves: Readonly<Record<Kind, readonly [string, string]>> = {
  JSON: ['{"query"', ': "hi"} '],
  SSE: ["8\r\n12345678\r\n", "0\r\n\r\n"],
  upload: ["x".repeat(30_000), "y".repeat(30_000)],
};

/** The end of the request as the target sees it. */
const lastBytes: Readonly<Record<Kind, string>> = { JSON: ': "hi"} ', SSE: "0\r\n\r\n", upload: "y".repeat(100) };
const halfSeen: Readonly<Record<Kind, string>> = { JSON: '{"query"', SSE: "12345678", upload: "x".repeat(100) };

const partialResponses: Readonly<Record<Kind, string>> = {
  JSON: 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"answer": "part',
  SSE: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nc\r\ndata: part\n\n\r\n",
  upload: "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
};

interface Client {
  readonly socket: Socket;
  text(): string;
}

interface Scene {
  readonly app: ProxyServer;
  readonly target: RawServer;
  readonly kind: Kind;
  readonly onLeave: () => void;
}

/** Nothing but the one who leaves may end an exchange. */
const patient = { connectTimeoutMs: 3_600_000, headersTimeoutMs: 3_600_000, idleTimeoutMs: 3_600_000, stallTimeoutMs: 3_600_000 };

/**
 * Plays one phase once, and returns in how many milliseconds the other side saw the connection close.
 *
 * @param onLeave called when one side is about to leave
 */
export async function leave(phase: Phase, kind: Kind, onLeave: () => void = () => undefined): Promise<number> {
  await using target = await rawServer();
  const isTls = phase === "connecting";
  const url = isTls ? target.url.replace("http:", "https:") : target.url;
  const connections = phase === "queued" ? 1 : 8;
  const firstEventTimeoutMs = phase === "held head" ? 3_600_000 : 0;
  await using app = await serveProxy({ target: url, connections, retries: false, firstEventTimeoutMs, ...patient });
  return await scenes[phase]({ app, target, kind, onLeave });
}

const scenes: Readonly<Record<Phase, (scene: Scene) => Promise<number>>> = {
  queued: async ({ app, target, kind, onLeave }) => {
    const first = await begin(app, "SSE", "whole");
    await arrived(target, lastBytes.SSE);
    using attempts = collect(downstreamAttempted);
    const second = await begin(app, kind, "whole");
    await eventually(() => app.sockets.length === 2 && (app.sockets[1]?.bytesRead ?? 0) > 0, "the second request waits");
    onLeave();
    const left = performance.now();
    second.socket.destroy();
    await eventually(() => attempts[0]?.outcome === "cancelled", "the second request leaves the queue");
    const tookMs = performance.now() - left;
    assert.equal(target.sockets.length, 1);
    first.socket.destroy();
    return tookMs;
  },
  connecting: async ({ app, target, kind, onLeave }) => {
    const client = await begin(app, kind, "whole");
    await eventually(() => target.text() !== "", "the connection is being made");
    return closedAfter(onLeave, target.sockets[0], () => client.socket.destroy());
  },
  "before headers": async ({ app, target, kind, onLeave }) => {
    const client = await begin(app, kind, "whole");
    await arrived(target, lastBytes[kind]);
    return closedAfter(onLeave, target.sockets[0], () => client.socket.destroy());
  },
  "held head": async ({ app, target, kind, onLeave }) => {
    const client = await begin(app, kind, "whole");
    await arrived(target, lastBytes[kind]);
    target.sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n: wait\n\n\r\n");
    await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 1, "the request is in progress");
    assert.equal(client.text(), "");
    return closedAfter(onLeave, target.sockets[0], () => client.socket.destroy());
  },
  "mid-body": async (scene) => {
    const client = await responded(scene);
    return closedAfter(scene.onLeave, scene.target.sockets[0], () => client.socket.destroy());
  },
  "half upload": async ({ app, target, kind, onLeave }) => {
    const client = await begin(app, kind, "half");
    await arrived(target, halfSeen[kind]);
    return closedAfter(onLeave, target.sockets[0], () => client.socket.destroy());
  },
  "upstream reset": async (scene) => {
    const client = await responded(scene);
    const tookMs = await closedAfter(scene.onLeave, client.socket, () => scene.target.sockets[0]?.resetAndDestroy());
    assert.doesNotMatch(client.text(), /\r\n0\r\n\r\n$/);
    return tookMs;
  },
  drain: async (scene) => {
    const client = await responded(scene);
    const clientClosed = once(client.socket, "close");
    const tookMs = await closedAfter(scene.onLeave, scene.target.sockets[0], () => void scene.app.proxy.close({ deadlineMs: 0 }));
    await clientClosed;
    return tookMs;
  },
};

function begin(app: ProxyServer, kind: Kind, part: "half" | "whole"): Promise<Client> {
  const [first, second] = halves[kind];
  return rawClient(app.port, requestHeads[kind] + first + (part === "whole" ? second : ""));
}

/** A client that has got a part of its answer. */
async function responded({ app, target, kind }: Scene): Promise<Client> {
  const client = await begin(app, kind, "whole");
  await arrived(target, lastBytes[kind]);
  target.sockets[0]?.write(partialResponses[kind]);
  await eventually(() => client.text().includes("part"), "a part of the answer arrives");
  return client;
}

async function arrived(target: RawServer, bytes: string): Promise<void> {
  await eventually(() => target.text().includes(bytes), "the request arrives");
}

async function closedAfter(onLeave: () => void, socket: Socket | undefined, act: () => void): Promise<number> {
  assert.ok(socket !== undefined && !socket.destroyed);
  onLeave();
  const left = performance.now();
  act();
  await whenClosed(socket);
  return performance.now() - left;
}
