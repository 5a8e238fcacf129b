import type { ServerResponse } from "node:http";

type Send = (...args: unknown[]) => unknown;

/** Calls `started` once, with the status, before the head or the first byte of the body is written. */
export function onFirstByte(res: ServerResponse, started: (status: number) => void): void {
  const original = { writeHead: res.writeHead.bind(res) as Send, write: res.write.bind(res) as Send, end: res.end.bind(res) as Send };
  let isStarted = false;
  const start = (status: number): void => {
    if (isStarted) return;
    isStarted = true;
    started(status);
  };
  const writeHead: Send = (...args) => {
    const [status] = args;
    start(Number(status));
    return original.writeHead(...args);
  };
  const write: Send = (...args) => {
    start(res.statusCode);
    return original.write(...args);
  };
  const end: Send = (...args) => {
    start(res.statusCode);
    return original.end(...args);
  };
  Object.assign(res, { writeHead, write, end });
}
