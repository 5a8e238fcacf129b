import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import { HttpProblem } from "@aivillage/middleware";

/** How long the client has to read the refusal, in milliseconds. */
const lingerMs = 1_000;

/** Where the pages are that describe the problem types. */
const documentedTypes = "https://github.com/aivillage/gateway/blob/main/docs/problems/";

/** Answers a request for another protocol with a problem document (RFC 9457), as bytes: there is no response object for it. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  if (socket.destroyed) return;
  const { status, type, title, detail, headers, expose } = HttpProblem.from(error);
  const uri = type === "about:blank" ? type : `${documentedTypes}${type}.md`;
  const body = Buffer.from(JSON.stringify({ type: uri, title, status, ...(expose && { detail }) }));
  const fields = {
    ...headers,
    "Content-Type": "application/problem+json",
    "Content-Length": body.length,
    Connection: "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.resume().end(Buffer.concat([Buffer.from(head, "latin1"), body]));
}
