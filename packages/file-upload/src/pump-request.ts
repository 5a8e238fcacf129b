import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";

import type { UploadSettings } from "./options.ts";
import type { PartFrames } from "./part-frames.ts";
import { payloadTooLarge, requestTimeout, uploadAborted } from "./problems.ts";

/**
 * Feeds the request to the parser, chunk by chunk, no faster than it takes them, and watches size, time and the client.
 *
 * @returns a function that stops it. Some hosts answer an error only when the request has ended, so what the client still sends
 * is then thrown away; when it sends nothing for `idleTimeoutMs`, or goes on for `timeoutMs`, the connection is closed.
 */
export function pumpRequest(
  req: IncomingMessage,
  parser: Writable,
  frames: PartFrames,
  settings: UploadSettings,
  count: (totalBytes: number) => void,
  fail: (reason: unknown) => void,
): () => void {
  const { totalBytes, timeoutMs, idleTimeoutMs } = settings;
  let received = 0;
  let stopped = false;

  function onData(chunk: Buffer): void {
    idle.refresh();
    if (stopped) return;
    received += chunk.length;
    if (received > totalBytes) return fail(payloadTooLarge("upload", totalBytes));
    try {
      frames.push(chunk);
    } catch (problem) {
      return fail(problem);
    }
    count(received);
    // What fails within `write` has stopped this, and the request must run off, not stand still.
    if (!parser.write(chunk) && !stopped) req.pause();
  }
  function onDrain(): void {
    idle.refresh();
    req.resume();
  }
  function onEnd(): void {
    clearTimeout(idle);
    if (stopped) clearTimeout(deadline);
    else parser.end();
  }
  function onClose(): void {
    clearTimeout(idle);
    if (stopped) clearTimeout(deadline);
    else if (!req.readableEnded) fail(uploadAborted());
  }
  function onIdle(): void {
    if (stopped) req.destroy();
    // A request that waits for its consumer is not idle.
    else if (req.isPaused()) idle.refresh();
    else fail(requestTimeout(`No data came for ${idleTimeoutMs} ms.`));
  }
  function onDeadline(): void {
    if (stopped) req.destroy();
    else fail(requestTimeout(`The upload took longer than ${timeoutMs} ms.`));
  }

  const idle = setTimeout(onIdle, idleTimeoutMs).unref();
  const deadline = setTimeout(onDeadline, timeoutMs).unref();
  parser.on("drain", onDrain);
  req.on("data", onData).once("end", onEnd).once("close", onClose).resume();

  return function stop(): void {
    stopped = true;
    parser.off("drain", onDrain);
    if (req.readableEnded || req.destroyed) {
      clearTimeout(idle);
      clearTimeout(deadline);
    } else {
      idle.refresh();
      deadline.refresh();
      req.resume();
    }
  };
}
