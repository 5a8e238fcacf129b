import type { IncomingMessage, ServerResponse } from "node:http";

import { warnOfOption } from "@aivillage/middleware";

import { limitAdapted } from "../events.ts";
import { onFirstByte } from "../http/first-byte.ts";
import { onResponseEnd } from "../http/response-end.ts";
import type { AdmissionStore } from "../store.ts";
import type { AdaptiveLimit } from "./adaptive-limit.ts";

/** By these a backend says that it has more to do than it can. 529 is what Anthropic's API sends. */
const backpressureStatuses: ReadonlySet<number> = new Set([429, 503, 529]);

interface Admitted {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly admittedMs: number;
}

/** Shows an adaptive limit how a request that it admitted goes, and its store how the limit changes. */
export function watchFirstByte(
  { req, res, admittedMs }: Admitted,
  name: string,
  limit: AdaptiveLimit,
  store: Pick<AdmissionStore, "resize">,
): void {
  const { signal } = limit;
  const change = (reason: "latency" | "backpressure", apply: (nowMs: number) => void): void => {
    const from = limit.current;
    apply(performance.now());
    const to = limit.current;
    if (to === from) return;
    store.resize(name, to);
    if (limitAdapted.hasSubscribers) limitAdapted.publish({ limit: name, from, to, reason });
  };
  const observe = (ms: number | undefined): void => {
    if (ms !== undefined) change("latency", (nowMs) => limit.observe(ms, admittedMs, nowMs));
  };
  const observeSignal = (asked: NonNullable<AdaptiveLimit["signal"]>): void => {
    try {
      observe(asked(req, firstByteMs));
    } catch (error) {
      warnOfOption(error);
    }
  };
  let status = 0;
  let firstByteMs = 0;
  let isOver = false;
  limit.begin();
  onFirstByte(res, (sent) => {
    status = sent;
    firstByteMs = performance.now() - admittedMs;
    if (backpressureStatuses.has(sent)) change("backpressure", (nowMs) => limit.backpressure(admittedMs, nowMs));
    else if (sent < 400 && signal === undefined) observe(firstByteMs);
  });
  onResponseEnd(req, res, () => {
    if (isOver) return;
    isOver = true;
    limit.end();
  });
  // Values of other middlewares may be complete only when the response has closed.
  if (signal !== undefined) res.once("close", () => status > 0 && status < 400 && observeSignal(signal));
}
