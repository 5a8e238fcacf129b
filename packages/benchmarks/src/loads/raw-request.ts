import type { RequestShape } from "../traffic.ts";

/** The bytes of a request, for generators that need no HTTP client. */
export function rawRequest({ method, path, headers, body = "" }: RequestShape, port: number): string {
  const fields = { Host: `127.0.0.1:${port}`, ...headers, ...(method === "POST" && { "Content-Length": Buffer.byteLength(body) }) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
