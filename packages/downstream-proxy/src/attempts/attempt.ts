import type { Duplex } from "node:stream";

import type { Dispatcher } from "undici";

import type { Connection } from "../connections/connection.ts";
import { closesConnection, type ResponseHeaders } from "../fields/response-head.ts";
import { isOpenEnded } from "../fields/stream-type.ts";
import type { AttemptOutcome } from "../report/events.ts";
import type { Candidate } from "../targets/replica.ts";
import type { AttemptListener } from "./attempt-listener.ts";
import type { PlannedAttempt } from "./attempt-plan.ts";
import { AttemptReport } from "./attempt-report.ts";
import { checkResponse } from "./check-response.ts";
import { dispatchOptions } from "./dispatch-options.ts";
import { abandoned, breakerOpen, classify, type Failure, noConnectionFree, type Phase, tooLate } from "./failure.ts";
import type { RequestContext } from "./request-context.ts";
import { type ClockOwner, type Lateness, ResponseClock } from "./response-clock.ts";
import { traceparentOf } from "./traceparent.ts";

/** One attempt at one replica: checks the breaker, acquires a connection, sends the request, and passes the response on as it arrives. */
export class Attempt implements Dispatcher.DispatchHandler, Candidate, ClockOwner {
  readonly report: AttemptReport;
  readonly #context: RequestContext;
  readonly #listener: AttemptListener;
  readonly #planned: PlannedAttempt;
  readonly #clock: ResponseClock;
  #phase: Phase = "queued";
  #connection: Connection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #queueTimer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(context: RequestContext, planned: PlannedAttempt, listener: AttemptListener) {
    this.#context = context;
    this.#listener = listener;
    this.#planned = planned;
    this.report = new AttemptReport(context.req, planned);
    this.#clock = new ResponseClock(context.deadlines, context.settings, this);
  }

  begin(): void {
    try {
      if (!this.report.enter()) return this.#fail(breakerOpen());
      this.report.traceparent = traceparentOf(this.#context, this.#planned);
    } catch (error) {
      return this.#fail(undefined, error);
    }
    const connection = this.#planned.replica.acquire(this);
    if (connection === "refused") this.refused();
    else if (connection === "queued") this.#wait();
    else this.#send(connection);
  }

  #wait(): void {
    this.#context.outgoing.body.readAhead?.();
    this.#queueTimer = setTimeout(() => {
      this.#planned.replica.withdraw(this);
      this.refused();
    }, this.#context.settings.connectTimeoutMs).unref();
  }

  /** Ends it at once, in any phase, without calling the listener. */
  abandon(outcome: AttemptOutcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#planned.replica.withdraw(this);
    // While undici is still connecting there is no controller.
    if (this.#controller === undefined) this.#connection?.cutConnecting(abandoned);
    else this.#controller.abort(abandoned);
  }

  /** The response has brought what its client waits for, or its head need not wait. A head may be held until the attempt has ended. */
  began(): void {
    if (!this.#settled) this.#clock.received();
    this.report.count();
  }

  resume(): void {
    if (this.#settled) return;
    this.#clock.resume();
    this.#controller?.resume();
  }

  /** The listener no longer needs the connection from `onUpgraded`. */
  endUpgraded(outcome: AttemptOutcome): void {
    this.#settle(outcome);
    this.#release();
  }

  acquired(connection: Connection): void {
    clearTimeout(this.#queueTimer);
    this.report.acquired();
    this.#send(connection);
  }

  refused(): void {
    this.#fail(noConnectionFree());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) throw abandoned;
    this.#controller = controller;
    this.#phase = "waiting";
    if (this.#connection?.isReused === false) this.report.connected();
    if (this.#connection !== undefined) this.#clock.start(this.#connection);
  }

  onBodySent(chunk: Buffer): void {
    this.report.sent(chunk.length);
    if (this.#settled) return;
    this.#clock.progressed();
    this.#context.outgoing.body.sent?.(chunk);
  }

  onRequestSent(): void {
    this.#clock.sent();
  }

  onResponseStarted(): void {
    if (this.#phase === "waiting") this.#phase = "heading";
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) {
      this.#clock.countInformational();
      if (status === 103 && !this.#settled) this.#listener.onEarlyHints?.(headers);
      return;
    }
    checkResponse(status, headers);
    this.#phase = "responding";
    this.report.responded(status, this.#connection?.protocolVersion);
    this.#connection?.responded(status, headers);
    if (this.#context.settings.firstEventTimeoutMs === 0) this.report.count();
    this.#clock.responded(isOpenEnded(status, headers));
    if (status >= 400 && closesConnection(headers)) this.#context.outgoing.body.stop?.();
    this.#listener.onHead(status, headers);
  }

  onRequestUpgrade(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders, socket: Duplex): void {
    if (this.#settled) return void socket.destroy();
    this.#controller = undefined;
    this.report.responded(status, this.#connection?.protocolVersion);
    this.#clock.responded(true);
    this.began();
    this.#listener.onUpgraded?.(headers, socket);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.report.received(chunk.length);
    if (this.#listener.onData(chunk)) return;
    this.#clock.hold();
    controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: ResponseHeaders): void {
    if (this.#connection?.brokenEnd !== undefined) return this.onResponseError(controller, this.#connection.brokenEnd);
    // The response is complete, so the rest of the request need not be sent (RFC 9112, 9.5), and the next request must not wait for it.
    if (this.#connection?.flushed === false) this.#connection.reset();
    this.#release();
    if (this.#settled) return;
    this.#settle(this.report.outcomeOfStatus());
    this.#listener.onEnd(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const wasUsed = this.#connection?.isReused === true;
    this.#release();
    if (!this.#settled) this.#fail(classify(error, this.#phase, this.#context.settings, wasUsed), error);
  }

  onLate(what: Lateness, limitMs: number): void {
    if (what === "stream") return this.#listener.onStreamLate(limitMs);
    this.#fail(tooLate(what, limitMs));
    this.#controller?.abort(abandoned);
  }

  #send(connection: Connection): void {
    this.#connection = connection;
    this.#phase = "connecting";
    connection.dispatch(dispatchOptions(this.#context.outgoing, this.#planned, connection, this.report.traceparent), this);
  }

  #fail(failure: Failure | undefined, error?: unknown): void {
    this.#settle(failure?.outcome ?? "cancelled", failure);
    this.#listener.onFailure(failure, error);
  }

  #settle(outcome: AttemptOutcome, failure?: Failure): void {
    this.#settled = true;
    clearTimeout(this.#queueTimer);
    this.#clock.stop();
    this.report.ended(outcome, failure);
  }

  #release(): void {
    if (this.#connection !== undefined) this.#planned.replica.release(this.#connection);
    this.#connection = undefined;
  }
}
