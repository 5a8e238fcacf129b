import type { IncomingMessage, ServerResponse } from "node:http";

import { discardRest, type Next } from "@aivillage/middleware";

import type { AttemptOwner } from "../attempts/attempt-listener.ts";
import { Plan, type Setback } from "../attempts/attempt-plan.ts";
import { Attempt } from "../attempts/attempt.ts";
import { type Failure, toProblem } from "../attempts/failure.ts";
import type { ClockDeadlines } from "../attempts/response-clock.ts";
import { retryAfterMs } from "../attempts/retry-after.ts";
import type { ClientShare } from "../clients/client-shares.ts";
import type { AnswerHeaders } from "../fields/response-headers.ts";
import { isOpenEnded } from "../fields/stream-type.ts";
import type { Settings } from "../options/read-options.ts";
import { setDownstream } from "../report/downstream-value.ts";
import { gatewayTimeout, proxyClosed } from "../report/errors.ts";
import { Answer, cutShort } from "../response/client-response.ts";
import { passEarlyHints } from "../response/early-hints.ts";
import { StallTimer } from "../response/stall-timer.ts";
import type { ClientRequest, OutgoingRequest, ProxyContext } from "./proxy-context.ts";
import type { Running } from "./running-set.ts";

/** One request of a client: tries replicas and targets until one answers, and ends when the client leaves. */
export class Exchange implements AttemptOwner, Running {
  slot = 0;
  share: ClientShare | undefined;
  readonly req: IncomingMessage;
  readonly outgoing: OutgoingRequest;
  readonly settings: Settings;
  readonly deadlines: ClockDeadlines;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #context: ProxyContext;
  readonly #plan: Plan;
  #attempt: Attempt | undefined;
  #answer: Answer | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #stallTimer: StallTimer | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(context: ProxyContext, { req, res, next }: ClientRequest, outgoing: OutgoingRequest) {
    this.settings = context.settings;
    this.deadlines = context.deadlines;
    this.req = req;
    this.outgoing = outgoing;
    this.#res = res;
    this.#next = next;
    this.#context = context;
    this.#plan = new Plan(context.settings, context.routes, req);
  }

  start(): void {
    this.#res.on("close", this.#cancel);
    if (this.settings.totalTimeoutMs > 0) this.#totalTimer = setTimeout(() => this.#expire(), this.settings.totalTimeoutMs).unref();
    this.#try();
  }

  cut(): void {
    this.#stop(proxyClosed(this.settings.retryAfterMs));
  }

  onStreamLate(limitMs: number): void {
    this.#stop(gatewayTimeout(`The stream lasted longer than ${limitMs} ms.`));
  }

  onEarlyHints(headers: AnswerHeaders): void {
    passEarlyHints(this.#res, headers);
  }

  onHead(status: number, headers: AnswerHeaders): void {
    if (status >= 500) {
      const wait = this.#nextTry({ reason: "server_error", status, retryAfterMs: retryAfterMs(headers["retry-after"], Date.now()) });
      if (wait !== undefined) {
        this.#attempt?.abandon("server_error");
        return this.#tryAgain(wait);
      }
    }
    if (this.#totalTimer !== undefined && isOpenEnded(status, headers)) clearTimeout(this.#totalTimer);
    const timing = this.settings.serverTiming ? this.#attempt?.report.serverTiming() : undefined;
    this.#answer = new Answer(this.req, this.#res, { status, headers, timing }, this.settings, this.#context.outbox);
  }

  onUpgraded(): void {
    // Never asked for, and undici takes an upgrade that was not asked for as a failure.
  }

  onData(chunk: Buffer): boolean {
    if (this.#answer?.write(chunk) !== false) return true;
    this.#stallTimer ??= this.#makeStallTimer();
    this.#stallTimer.start();
    return false;
  }

  onEnd(trailers: AnswerHeaders): void {
    this.#settle();
    try {
      this.#answer?.end(trailers, () => this.#members());
    } catch (error) {
      return this.#hand(error);
    }
    discardRest(this.req, this.#res);
  }

  onFailure(failure: Failure | undefined, error: unknown): void {
    if (failure === undefined) return this.#fail(error);
    if (this.#answer !== undefined) return this.#fail(toProblem(failure, this.settings.retryAfterMs));
    const { outcome, status, stale } = failure;
    const wait = this.#nextTry({ reason: outcome, late: status === 504, stale: stale === true });
    if (wait !== undefined) return this.#tryAgain(wait);
    this.#fail(this.#plan.lastWord(failure));
  }

  onBodyBroken(error: Error): void {
    const clientLeft = this.req.destroyed && !this.req.complete;
    if (clientLeft) this.#cancel();
    else this.#stop(error);
  }

  readonly #try = (): void => {
    if (this.#settled) return;
    const begun = this.#plan.begin();
    setDownstream(this.req, { target: begun.route.name, attempts: begun.attempt });
    const attempt = new Attempt(this, begun);
    this.#attempt = attempt;
    attempt.begin();
  };

  #nextTry(setback: Setback): number | undefined {
    return this.#plan.next(setback, this.outgoing.body.replayable);
  }

  /** In a later step even without a wait: undici may be calling, and its parser is not reentrant. */
  #tryAgain(waitMs: number): void {
    if (waitMs === 0) process.nextTick(this.#try);
    else this.#retryTimer = setTimeout(this.#try, waitMs);
  }

  #members(): Readonly<Record<string, unknown>> {
    const outcome = { target: this.#plan.route.name, durationMs: this.#plan.elapsedMs };
    return this.settings.mergeJson?.(this.req, outcome) ?? {};
  }

  #makeStallTimer(): StallTimer {
    return new StallTimer(this.#res, this.settings.stallTimeoutMs, {
      onDrained: () => this.#attempt?.resume(),
      onStalled: () => {
        this.#cancel();
        cutShort(this.#res);
      },
    });
  }

  /** The client has left, or reads no more. */
  readonly #cancel = (): void => {
    if (this.#settled) return;
    this.#attempt?.abandon("cancelled");
    this.#settle();
  };

  /** Ends it at once, which is no fault of the target. */
  #stop(error: Error): void {
    if (this.#settled) return;
    this.#attempt?.abandon("cancelled");
    this.#fail(error);
  }

  #expire(): void {
    this.#attempt?.abandon("timeout");
    this.#fail(gatewayTimeout(`The whole exchange took longer than ${this.settings.totalTimeoutMs} ms.`));
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#hand(error);
  }

  /** In a later step as well: what `next` does is not known. */
  #hand(error: unknown): void {
    if (this.#res.headersSent) return cutShort(this.#res);
    if (this.#res.destroyed) return;
    discardRest(this.req, this.#res);
    process.nextTick(this.#next, error);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#totalTimer);
    this.#stallTimer?.stop();
    clearTimeout(this.#retryTimer);
    this.#answer?.stop();
    this.outgoing.body.close();
    this.#context.running.delete(this);
  }
}
