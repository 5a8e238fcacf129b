import type { IncomingMessage, ServerResponse } from "node:http";

import { cutShort, discardRest, inContext, markResponseBroken, type Next, onResponseClose, passError } from "@aivillage/middleware";

import type { AttemptListener } from "../attempts/attempt-listener.ts";
import { AttemptSeries } from "../attempts/attempt-series.ts";
import { failedResponse, failedWithoutResponse } from "../attempts/failed-attempt.ts";
import { type Failure, toProblem } from "../attempts/failure.ts";
import type { RequestContext } from "../attempts/request-context.ts";
import type { BodyListener } from "../body/body-types.ts";
import type { ClientShare } from "../clients/client-shares.ts";
import type { ResponseHeaders } from "../fields/response-head.ts";
import { gatewayTimeout, proxyClosed } from "../report/errors.ts";
import type { OutgoingRequest } from "../request/outgoing-request.ts";
import { passEarlyHints } from "../response/client-response.ts";
import { Delivery } from "./delivery.ts";
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
 * | trying     | `onHead`                                                                     | opening                                |
 * | opening    | the attempt fails or its content is a refusal, and the plan has another one   | trying                                 |
 * | opening    | content, or the end; at once if the head need not be held                    | responding                             |
 * | responding | `onEnd`                                                                      | settled, the response is complete      |
 * | any        | `onFailure` without another attempt                                          | settled, the error goes to the client  |
 * | any        | `#stop`: proxy closed, `totalTimeoutMs`, `maxStreamMs`, request body broken  | settled, the error goes to the client  |
 * | any        | `#cancel`: the client has left, or takes nothing for `stallTimeoutMs`        | settled, nothing more is sent          |
 *
 * `#fail` passes an error to `next()` while trying or opening. While responding the client has the head, so the response is broken off.
 */
export class Exchange implements AttemptListener, BodyListener, Running {
  slot = 0;
  share: ClientShare | undefined;
  readonly #context: ProxyContext;
  readonly #request: RequestContext;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #attempts: AttemptSeries;
  readonly #delivery: Delivery;
  #totalTimer: NodeJS.Timeout | undefined;
  #settled = false;
  /** Status of the error if the service has failed. */
  #failureStatus: number | undefined;

  constructor(context: ProxyContext, { req, res, next }: ClientRequest, outgoing: OutgoingRequest) {
    const { settings, deadlines, targets } = context;
    this.#context = context;
    this.#request = { req, outgoing, settings, deadlines };
    this.#res = res;
    // An error of a connection comes in the async context of the request that has opened it.
    this.#next = inContext(next);
    this.#attempts = new AttemptSeries(this.#request, targets, this);
    this.#delivery = new Delivery(this.#request, res, this.#attempts, context.batch, this);
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

  onHead(status: number, headers: ResponseHeaders): void {
    const { mayContinueAfter, failOverStatuses } = this.#request.settings;
    if (mayContinueAfter(status) && this.#attempts.continueAfter(failedResponse(status, headers, failOverStatuses))) return;
    try {
      this.#delivery.begin(status, headers);
    } catch (error) {
      this.#stop(error);
    }
  }

  onData(chunk: Buffer): boolean {
    try {
      return this.#delivery.push(chunk);
    } catch (error) {
      this.#stop(error);
      return true;
    }
  }

  onEnd(trailers: ResponseHeaders): void {
    try {
      if (!this.#delivery.complete()) return;
      this.#settle();
      this.#delivery.end(trailers);
    } catch (error) {
      return this.#settled ? this.#passError(error) : this.#fail(error);
    }
    discardRest(this.#request.req, this.#res);
  }

  onOpened(isOpenEnded: boolean): void {
    if (isOpenEnded) clearTimeout(this.#totalTimer);
  }

  onStalled(): void {
    this.#cancel();
    cutShort(this.#res);
  }

  onFailure(failure: Failure | undefined, error: unknown): void {
    this.#delivery.drop();
    if (failure === undefined) return this.#fail(error);
    if (this.#delivery.hasOpened) {
      const problem = toProblem(failure, this.#request.settings.retryAfterMs);
      this.#failureStatus = problem.status;
      return this.#fail(problem);
    }
    if (this.#attempts.continueAfter(failedWithoutResponse(failure))) return;
    this.#fail(this.#attempts.plan.finalProblem(failure));
  }

  onBodyBroken(error: Error): void {
    const { req } = this.#request;
    const clientLeft = req.destroyed && !req.complete;
    if (clientLeft) this.#cancel();
    else this.#stop(error);
  }

  readonly #cancel = (): void => {
    if (this.#settled) return;
    this.#attempts.current?.abandon("cancelled");
    this.#delivery.clientLeft();
    this.#settle();
  };

  #expire(): void {
    const problem = gatewayTimeout(`The whole exchange took longer than ${this.#request.settings.totalTimeoutMs} ms.`);
    this.#failureStatus = problem.status;
    this.#stop(problem, "timeout");
  }

  #stop(error: unknown, outcome: "cancelled" | "timeout" = "cancelled"): void {
    if (this.#settled) return;
    this.#attempts.current?.abandon(outcome);
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#passError(error);
  }

  /** Calls `next` in a later tick, because it can do anything. */
  #passError(error: unknown): void {
    const { req } = this.#request;
    if (!this.#res.headersSent) return process.nextTick(refuse, error, req, this.#res, this.#next);
    if (this.#failureStatus !== undefined) markResponseBroken(req, this.#failureStatus);
    this.#delivery.breakOff(error);
    if (!this.#res.destroyed) discardRest(req, this.#res);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#totalTimer);
    this.#attempts.end();
    this.#delivery.stop();
    this.#request.outgoing.body.close?.();
    this.#context.running.delete(this);
  }
}

/** The rest of the body is read after the response has begun: reading earlier would ask a client that waits with `Expect` to send it. */
function refuse(error: unknown, req: IncomingMessage, res: ServerResponse, next: Next): void {
  if (res.destroyed) return;
  try {
    passError(error, res, next);
  } finally {
    discardRest(req, res);
  }
}
