import type { IncomingMessage, ServerResponse } from "node:http";

import { discardRest, type Next, onResponseClose, passError } from "@aivillage/middleware";

import type { AttemptListener } from "../attempts/attempt-listener.ts";
import { AttemptSeries } from "../attempts/attempt-series.ts";
import { failedResponse, failedWithoutResponse } from "../attempts/failed-attempt.ts";
import { type Failure, toProblem } from "../attempts/failure.ts";
import type { RequestContext } from "../attempts/request-context.ts";
import type { BodyListener } from "../body/body-types.ts";
import type { ClientShare } from "../clients/client-shares.ts";
import type { ResponseHeaders } from "../fields/response-head.ts";
import { isOpenEnded } from "../fields/stream-type.ts";
import { gatewayTimeout, proxyClosed } from "../report/errors.ts";
import type { OutgoingRequest } from "../request/outgoing-request.ts";
import { ClientResponse, passEarlyHints } from "../response/client-response.ts";
import { cutShort } from "../response/cut-short.ts";
import { StallTimer } from "../response/stall-timer.ts";
import type { ProxyContext } from "./proxy-context.ts";
import type { Running } from "./running-set.ts";

/** What a server passes to a handler. */
export interface ClientRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
}

/**
 * One request of a client: tries replicas and targets until one responds, and ends when the client leaves.
 *
 * | state      | event                                                                        | next                                   |
 * | ---------- | ---------------------------------------------------------------------------- | -------------------------------------- |
 * | trying     | the attempt fails, or its status is a 5xx, and the plan has another attempt   | trying, after a wait                   |
 * | trying     | `onHead`                                                                     | responding                             |
 * | responding | `onEnd`                                                                      | settled, the response is complete      |
 * | either     | `onFailure` without another attempt                                          | settled, the error goes to the client  |
 * | either     | `#stop`: proxy closed, `totalTimeoutMs`, `maxStreamMs`, request body broken  | settled, the error goes to the client  |
 * | either     | `#cancel`: the client has left, or takes nothing for `stallTimeoutMs`        | settled, nothing more is sent          |
 *
 * `#fail` passes an error to `next()` while trying. While responding the client has the head, so the response is cut short.
 */
export class Exchange implements AttemptListener, BodyListener, Running {
  slot = 0;
  share: ClientShare | undefined;
  readonly #context: ProxyContext;
  readonly #request: RequestContext;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #attempts: AttemptSeries;
  #response: ClientResponse | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #stallTimer: StallTimer | undefined;
  #settled = false;

  constructor(context: ProxyContext, { req, res, next }: ClientRequest, outgoing: OutgoingRequest) {
    const { settings, deadlines, targets } = context;
    this.#context = context;
    this.#request = { req, outgoing, settings, deadlines };
    this.#res = res;
    this.#next = next;
    this.#attempts = new AttemptSeries(this.#request, targets, this);
  }

  start(): void {
    const { settings, outgoing } = this.#request;
    onResponseClose(this.#res, this.#cancel);
    outgoing.body.listen?.(this);
    if (settings.totalTimeoutMs > 0) this.#totalTimer = setTimeout(() => this.#expire(), settings.totalTimeoutMs).unref();
    this.#attempts.begin();
  }

  cut(): void {
    this.#stop(proxyClosed(this.#request.settings.retryAfterMs));
  }

  onStreamLate(limitMs: number): void {
    this.#stop(gatewayTimeout(`The stream lasted longer than ${limitMs} ms.`));
  }

  onEarlyHints(headers: ResponseHeaders): void {
    passEarlyHints(this.#res, headers);
  }

  onHead(status: number, received: ResponseHeaders): void {
    if (status >= 500 && this.#attempts.continueAfter(failedResponse(status, received))) return;
    const { req, settings } = this.#request;
    const headers = this.#attempts.rewritten(received);
    if (this.#totalTimer !== undefined && isOpenEnded(status, headers)) clearTimeout(this.#totalTimer);
    const timing = settings.serverTiming ? this.#attempts.current?.report.serverTiming() : undefined;
    this.#response = new ClientResponse(req, this.#res, { status, headers, timing }, settings, this.#context.batch);
  }

  onData(chunk: Buffer): boolean {
    if (this.#response?.write(chunk) !== false) return true;
    this.#stallTimer ??= this.#makeStallTimer();
    this.#stallTimer.start();
    return false;
  }

  onEnd(trailers: ResponseHeaders): void {
    this.#settle();
    try {
      this.#response?.end(trailers, () => this.#members());
    } catch (error) {
      return this.#passError(error);
    }
    discardRest(this.#request.req, this.#res);
  }

  onFailure(failure: Failure | undefined, error: unknown): void {
    if (failure === undefined) return this.#fail(error);
    if (this.#response !== undefined) return this.#fail(toProblem(failure, this.#request.settings.retryAfterMs));
    if (this.#attempts.continueAfter(failedWithoutResponse(failure))) return;
    this.#fail(this.#attempts.plan.finalProblem(failure));
  }

  onBodyBroken(error: Error): void {
    const { req } = this.#request;
    const clientLeft = req.destroyed && !req.complete;
    if (clientLeft) this.#cancel();
    else this.#stop(error);
  }

  #members(): Readonly<Record<string, unknown>> {
    const { req, settings } = this.#request;
    const { target, elapsedMs } = this.#attempts.plan;
    return settings.mergeJson?.(req, { target: target.name, durationMs: elapsedMs }) ?? {};
  }

  #makeStallTimer(): StallTimer {
    return new StallTimer(this.#res, this.#request.settings.stallTimeoutMs, {
      onDrained: () => this.#attempts.current?.resume(),
      onStalled: () => {
        this.#cancel();
        cutShort(this.#res);
      },
    });
  }

  readonly #cancel = (): void => {
    if (this.#settled) return;
    this.#attempts.current?.abandon("cancelled");
    this.#settle();
  };

  #expire(): void {
    this.#stop(gatewayTimeout(`The whole exchange took longer than ${this.#request.settings.totalTimeoutMs} ms.`), "timeout");
  }

  #stop(error: Error, outcome: "cancelled" | "timeout" = "cancelled"): void {
    if (this.#settled) return;
    this.#attempts.current?.abandon(outcome);
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#passError(error);
  }

  /** Calls `next` in a later tick too, because it can do anything. */
  #passError(error: unknown): void {
    if (this.#res.headersSent) return cutShort(this.#res);
    if (this.#res.destroyed) return;
    discardRest(this.#request.req, this.#res);
    process.nextTick(passError, error, this.#res, this.#next);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#totalTimer);
    this.#stallTimer?.stop();
    this.#attempts.end();
    this.#response?.stop();
    this.#request.outgoing.body.close?.();
    this.#context.running.delete(this);
  }
}
