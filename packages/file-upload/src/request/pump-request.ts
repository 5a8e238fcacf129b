import type { IncomingMessage, ServerResponse } from "node:http";

import { discardRest } from "@aivillage/middleware";

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
  /** Nothing more is needed. What still comes is discarded, so that the client can read its response. */
  stop(): void;
}

/** Reads the request no faster than its listener takes it, and watches size, time and the client. */
export function pumpRequest(req: IncomingMessage, res: ServerResponse, settings: UploadSettings, listener: PumpListener): Pump {
  const { totalBytes } = settings;
  let received = 0;
  let stopped = false;
  const watch = new ArrivalWatch(settings, (reason) => listener.failed(requestTimeout(reason)));

  function pause(): void {
    watch.paused();
    req.pause();
  }
  function onData(chunk: Buffer): void {
    watch.received(chunk.length);
    received += chunk.length;
    if (received > totalBytes) return listener.failed(payloadTooLarge("upload", totalBytes));
    const wantsMore = guarded(() => listener.data(chunk)) ?? true;
    // What fails has stopped this, and the request must run off, not stand still.
    if (!wantsMore && !stopped) pause();
  }
  function onEnd(): void {
    watch.complete();
    guarded(() => listener.end());
  }
  function onClose(): void {
    if (!req.readableEnded) listener.failed(uploadAborted());
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
      watch.close();
      req.off("data", onData).off("end", onEnd).off("close", onClose);
      discardRest(req, res);
    },
  };
}
