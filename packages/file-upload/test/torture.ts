import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";

import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { type Downstream, eventually, listen, type RunningServer, startDownstream } from "@aivillage/testing";

import { fileUpload } from "../src/index.ts";
import { sendOn } from "./downstream.ts";
import { boundary, fieldPart, filePart, multipart, multipartType, pdf } from "./multipart.ts";

/** A form that passes. */
export const sound = multipart(fieldPart("title", "x"), filePart(pdf(60)), fieldPart("note", "y"));
const text = sound.toString("latin1");

/** Bodies of which not one prefix is an upload. */
export const broken: Readonly<Record<string, Buffer>> = {
  truncated: sound.subarray(0, -4),
  empty: Buffer.alloc(0),
  "wrong boundary": Buffer.from(text.replaceAll(boundary, "----test-boundarz"), "latin1"),
  "preamble only": Buffer.from(`This is a multi-part message in MIME format.\r\n--${boundary.slice(0, -1)}\r\n\r\n`),
  nested: multipart({
    headers: ['Content-Disposition: form-data; name="files"', "Content-Type: multipart/mixed; boundary=inner"],
    content: '--inner\r\nContent-Disposition: file; filename="a.txt"\r\n\r\nhello\r\n--inner--\r\n',
  }),
  "line feeds only": Buffer.from(text.replaceAll("\r\n", "\n"), "latin1"),
  "huge header": multipart({ headers: ['Content-Disposition: form-data; name="a"', `X-Huge: ${"h".repeat(400)}`], content: "x" }),
};

/** How a client stops after the bytes that it has sent. */
export type Ending = "ends the request" | "half-closes" | "hangs" | "resets";
export const endings: readonly Ending[] = ["ends the request", "half-closes", "hangs", "resets"];

/** A server with an upload and a service behind it, which count what happens. */
export interface Stand extends AsyncDisposable {
  readonly app: RunningServer;
  readonly downstream: Downstream;
  /** Status of each upload that was refused, in the order of their ends. */
  readonly refused: number[];
  /** Requests that were sent, those that reached the handler, and how often it called `next` in all. */
  readonly counts: { sent: number; uploads: number; calls: number };
  /** Resolves when nothing is open any more at either server. */
  settled(): Promise<void>;
}

/** What the handler did not foresee, of the whole process. */
export const unexpected: unknown[] = [];
const note = (error: unknown): void => void unexpected.push(error);

/** Only a client that hangs shall meet the limit of time. */
export const patienceFor = (ending: Ending): number => (ending === "hangs" ? 40 : 20_000);

export async function startStand(idleTimeoutMs = 20_000): Promise<Stand> {
  process.on("unhandledRejection", note).on("uncaughtException", note);
  const downstream = await startDownstream();
  const refused: number[] = [];
  const counts = { sent: 0, uploads: 0, calls: 0 };
  const upload = fileUpload({ idleTimeoutMs, headerBytes: 300, files: 2 });
  const counted: Handler = (req, res, next) => {
    counts.uploads += 1;
    upload(req, res, (error) => {
      counts.calls += 1;
      next(error);
    });
  };
  const app = await listen(
    toListener(compose(counted, sendOn(downstream.url)), (error, _req, _res, next) => {
      refused.push(HttpProblem.from(error).status);
      next(error);
    }),
  );
  const settled = async (): Promise<void> => {
    for (const { server } of [app, downstream]) await noneOpen(server, downstream);
  };
  return {
    app,
    downstream,
    refused,
    counts,
    settled,
    async [Symbol.asyncDispose]() {
      process.off("unhandledRejection", note).off("uncaughtException", note);
      await app[Symbol.asyncDispose]();
      await downstream[Symbol.asyncDispose]();
    },
  };
}

async function noneOpen(server: RunningServer["server"], { server: idleToo }: Downstream): Promise<void> {
  let open = -1;
  const count = (): boolean => {
    idleToo.closeIdleConnections();
    server.getConnections((_error, connections) => (open = connections));
    return open === 0;
  };
  await eventually(count, "all connections are closed");
}

/** Sends `bytes` of a body and stops there as `ending` says; resolves to the status of the answer, 0 when there was none. */
function sendCut(stand: Stand, body: Buffer, cut: number, ending: Ending): Promise<number> {
  const length = ending === "ends the request" ? cut : body.length + 1;
  const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${multipartType}\r\nContent-Length: ${length}\r\n\r\n`;
  return send(stand, Buffer.concat([Buffer.from(head), body.subarray(0, cut)]), ending);
}

export function send({ app, counts }: Stand, bytes: Buffer, ending: Ending): Promise<number> {
  counts.sent += 1;
  const ordinal = counts.sent;
  return new Promise((resolve) => {
    let response = "";
    const socket = connect({ port: app.port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true }, () => {
      socket.write(bytes);
      if (ending === "half-closes") socket.end();
      if (ending === "resets") void reset(socket, () => counts.uploads >= ordinal);
    });
    socket
      .on("data", (chunk) => (response += chunk.toString("latin1")))
      .on("error", () => undefined)
      .on("end", () => socket.end())
      .on("close", () => resolve(Number(response.slice(9, 12))));
  });
}

/** Not before the request has come through to the handler. */
async function reset(socket: Socket, hasArrived: () => boolean): Promise<void> {
  await eventually(hasArrived, "the request has arrived").catch(note);
  socket.resetAndDestroy();
}

const right: Readonly<Record<Ending, readonly number[]>> = {
  "ends the request": [400],
  "half-closes": [0, 400],
  hangs: [400, 408],
  resets: [0, 400],
};

/** Cuts a body at one place in one way; the answer must be the right one. */
export async function cutOnce(stand: Stand, body: Buffer, cut: number, ending: Ending): Promise<void> {
  const status = await sendCut(stand, body, cut, ending);
  assert.ok(right[ending].includes(status), `cut at ${cut}, then the client ${ending}: ${status}`);
}

/** What must hold when all uploads have ended: each was told of once, none was complete, nothing is open. */
export async function checkQuiet(stand: Stand): Promise<void> {
  await stand.settled();
  const { counts, downstream, refused } = stand;
  assert.deepEqual(unexpected, []);
  assert.equal(counts.calls, counts.uploads);
  assert.equal(refused.length, counts.uploads);
  assert.ok(refused.every((status) => status === 400 || status === 408));
  assert.ok(downstream.received.every(({ complete }) => !complete));
}
