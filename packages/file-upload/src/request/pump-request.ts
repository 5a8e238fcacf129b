import type { IncomingMessage, ServerResponse } from "node:http";

import type { UploadSettings } from "../options.ts";
import { payloadTooLarge, requestTimeout, uploadAborted } from "../problems.ts";
import { ArrivalWatch } from "./arrival-watch.ts";

/** Takes the bytes of a request. It may throw, which fails the upload. */
export interface PumpListener {
  /** False when no more shall come before `resume()`. */
  data(chunk: Buffer): boolean;
  end(): void;
  failed(reason: unknown): void;
}

/** The request as a source of bytes. */
export interface Pump {
  /** Bytes that have come. */
  readonly received: number;
  resume(): void;
  /**
   * Nothing more is wanted. Some hosts answer an error only when the request has ended, so what still comes is thrown away; the
   * connection is closed when that is more than `totalBytes` again, or 1 MiB after the answer, takes `timeoutMs`, or stops for
   * `idleTimeoutMs`.
   */
  stop(): void;
}

/** Closing at once would make TCP reset the connection, and the client lose the answer (RFC 9112, 9.6). */
const lingerBytes = 1_048_576;

/** Reads the request no faster than its listener takes it, and watches size, time and the client. */
export function pumpRequest(req: IncomingMessage, res: ServerResponse, settings: UploadSettings, listener: PumpListener): Pump {
  const { totalBytes } = settings;
  let received = 0;
  let stillTaken = totalBytes;
  let stopped = false;
  const watch = new ArrivalWatch(settings, (reason) => {
    if (stopped) req.destroy();
    else listener.failed(requestTimeout(reason));
  });

  function pause(): void {
    watch.paused();
    req.pause();
  }
  function onData(chunk: Buffer): void {
    watch.received(chunk.length);
    if (stopped) return discard(chunk.length);
    received += chunk.length;
    if (received > totalBytes) return listener.failed(payloadTooLarge("upload", totalBytes));
    const wantsMore = guarded(() => listener.data(chunk)) ?? true;
    // What fails has stopped this, and the request must run off, not stand still.
    if (!wantsMore && !stopped) pause();
  }
  function discard(bytes: number): void {
    stillTaken -= bytes;
    if (stillTaken < 0) req.destroy();
    else if (res.writableEnded) stillTaken = Math.min(stillTaken, lingerBytes);
  }
  function onEnd(): void {
    watch.complete();
    if (stopped) watch.close();
    else guarded(() => listener.end());
  }
  function onClose(): void {
    watch.complete();
    if (stopped) watch.close();
    else if (!req.readableEnded) listener.failed(uploadAborted());
  }
  function guarded<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (problem) {
      listener.failed(problem);
      return undefined;
    }
  }

  req.on("data", onData).once("end", onEnd).once("close", onClose).resume();

  return {
    get received() {
      return received;
    },
    resume() {
      watch.resumed();
      req.resume();
    },
    stop() {
      stopped = true;
      if (req.readableEnded || req.destroyed) return watch.close();
      watch.discard();
      req.resume();
    },
  };
}
