import { connect, type Socket } from "node:net";

import { apiKey } from "./gateway-process.ts";

/** A way to be slow. */
export interface SlowKind {
  readonly name: string;
  /** What each connection sends at once, then again and again every `everyMs`. */
  readonly first: string;
  readonly again: string;
  readonly everyMs: number;
  /** Takes all of the answer, nothing of it, or so many bytes each second. */
  readonly reads: "all" | "nothing" | number;
}

const authorization = `Authorization: Bearer ${apiKey}`;
const large = '{"message":"large"}';
const wantsLarge = `POST /v1/chat HTTP/1.1\r\nHost: a\r\n${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${large.length}\r\n\r\n${large}`;
const json = `Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"query":"`;
const form = `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n--b\r\n`;
const sender = { again: " ", everyMs: 1_000, reads: "all" } as const;

/** Slow in what they send. */
export const slowSenders: readonly SlowKind[] = [
  { ...sender, name: "sends nothing", first: "", again: "" },
  { ...sender, name: "slow head", first: "GET / HTTP/1.1\r\nHost: a\r\n", again: "X-Slow: 1\r\n" },
  { ...sender, name: "slow head, HTTP/1.0", first: "GET / HTTP/1.0\r\n", again: "X-Slow: 1\r\n" },
  { ...sender, name: "slow body, /v1/query", first: `POST /v1/query HTTP/1.1\r\nHost: a\r\n${authorization}\r\n${json}` },
  { ...sender, name: "slow body, /v1/upload", first: `POST /v1/upload HTTP/1.1\r\nHost: a\r\n${authorization}\r\n${form}`, again: "x" },
  { ...sender, name: "slow body, no key", first: `POST /v1/query HTTP/1.1\r\nHost: a\r\n${json}` },
  { ...sender, name: "slow body, unknown path", first: `POST /none HTTP/1.1\r\nHost: a\r\n${json}` },
  { ...sender, name: "slow body of a GET", first: `GET /livez HTTP/1.1\r\nHost: a\r\n${json}` },
  {
    ...sender,
    name: "slow chunks",
    first: `POST /v1/chat HTTP/1.1\r\nHost: a\r\n${authorization}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    again: "1\r\n \r\n",
  },
];

/** Slow in what they take of 16 MiB. */
export const slowReaders: readonly SlowKind[] = [
  { name: "reads nothing", first: wantsLarge, again: "", everyMs: 1_000, reads: "nothing" },
  { name: "reads 1 KiB a second", first: wantsLarge, again: "", everyMs: 1_000, reads: 1_024 },
];

/** Opens so many connections of a kind. Returns the function that ends them. */
export function openSlowConnections(port: number, kind: SlowKind, count: number): () => void {
  const sockets = Array.from({ length: count }, () => openOne(port, kind));
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

function openOne(port: number, { first, again, everyMs, reads }: SlowKind): Socket {
  const socket = connect({ port, host: "127.0.0.1" }, () => first !== "" && socket.write(first));
  const timer = setInterval(() => {
    if (again !== "" && socket.writable) socket.write(again);
    if (typeof reads === "number") socket.read(reads);
  }, everyMs);
  socket.on("error", () => undefined).on("close", () => clearInterval(timer));
  if (reads === "all") socket.resume();
  return socket;
}
