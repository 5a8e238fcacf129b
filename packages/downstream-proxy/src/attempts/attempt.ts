import type { Duplex } from "node:stream";

import type { Dispatcher } from "undici";

import { type AnswerHeaders, closesConnection } from "../fields/response-headers.ts";
import { isOpenEnded } from "../fields/stream-type.ts";
import type { AttemptOutcome } from "../report/events.ts";
import type { Connection } from "../targets/connection.ts";
import type { Candidate } from "../targets/replica.ts";
import type { AttemptOwner } from "./attempt-listener.ts";
import type { Try } from "./attempt-plan.ts";
import { AttemptReport } from "./attempt-report.ts";
import { checkAnswer } from "./check-response.ts";
import { abandoned, breakerOpen, classify, type Failure, noPlace, type Phase, tooLate } from "./failure.ts";
import { type ClockOwner, type Lateness, ResponseClock } from "./response-clock.ts";
import { traceparentOf, withTraceparent } from "./traceparent.ts";

/** One try at one replica: asks breaker and origin for leave, sends the request, and passes the answer on as it comes. */
export class Attempt implements Dispatcher.DispatchHandler, Candidate, ClockOwner {
  readonly report: AttemptReport;
  readonly #owner: AttemptOwner;
  readonly #try: Try;
  readonly #clock: ResponseClock;
  #phase: Phase = "queued";
  #connection: Connection | undefined;
  #connectsBefore = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #queueTimer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(owner: AttemptOwner, begun: Try) {
    this.#owner = owner;
    this.#try = begun;
    this.report = new AttemptReport(owner.req, begun);
    this.#clock = new ResponseClock(owner.deadlines, owner.settings, this);
  }

  begin(): void {
    if (!this.report.enter()) return this.#fail(breakerOpen(this.#try.route.name));
    try {
      this.report.traceparent = traceparentOf(this.#owner, this.#try);
    } catch (error) {
      return this.#fail(undefined, error);
    }
    const answer = this.#try.origin.admit(this);
    if (answer === "refused") this.refused();
    else if (answer !== "queued") this.#send(answer);
    else this.#wait();
  }

  #wait(): void {
    const { outgoing, settings } = this.#owner;
    outgoing.body.readAhead(this.#owner);
    this.#queueTimer = setTimeout(() => {
      this.#try.origin.leave(this);
      this.refused();
    }, settings.connectTimeoutMs).unref();
  }

  /** Ends it at once, wherever it is, without a word to the owner. */
  abandon(outcome: AttemptOutcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#try.origin.leave(this);
    // While undici is still connecting there is no controller.
    if (this.#controller === undefined) this.#connection?.cutConnecting(abandoned);
    else this.#controller.abort(abandoned);
  }

  resume(): void {
    if (this.#settled) return;
    this.#clock.resume();
    this.#controller?.resume();
  }

  /** The owner is done with the connection that it was given by `onUpgraded`. */
  endUpgraded(outcome: AttemptOutcome): void {
    this.#settle(outcome);
    this.#release();
  }

  admitted(connection: Connection): void {
    clearTimeout(this.#queueTimer);
    this.report.admitted();
    this.#send(connection);
  }

  refused(): void {
    this.#fail(noPlace(this.#try.route.name));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) throw abandoned;
    this.#controller = controller;
    this.#phase = "waiting";
    if (this.#connection?.connects !== this.#connectsBefore) this.report.connected();
    if (this.#connection !== undefined) this.#clock.start(this.#connection);
  }

  onBodySent(chunk: Buffer): void {
    this.report.sent(chunk.length);
    if (this.#settled) return;
    this.#clock.progressed();
    this.#owner.outgoing.body.sent(chunk);
  }

  onRequestSent(): void {
    this.#clock.sent();
  }

  onResponseStarted(): void {
    if (this.#phase === "waiting") this.#phase = "heading";
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return this.#onInformational(status, headers);
    checkAnswer(status, headers);
    this.#phase = "answering";
    this.report.answered(status);
    this.#clock.responded(isOpenEnded(status, headers));
    if (status >= 400 && closesConnection(headers)) this.#owner.outgoing.body.stop();
    this.#owner.onHead(status, headers);
  }

  onRequestUpgrade(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders, socket: Duplex): void {
    if (this.#settled) return void socket.destroy();
    this.#controller = undefined;
    this.report.answered(status);
    this.#clock.responded(true);
    this.#owner.onUpgraded(headers, socket);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.report.received(chunk.length);
    if (this.#owner.onData(chunk)) return;
    this.#clock.hold();
    controller.pause();
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: AnswerHeaders): void {
    // The response is complete, so the rest of the request is not worth sending (RFC 9112, 9.5), and the next one must not wait behind it.
    if (this.#connection?.flushed === false) this.#connection.reset();
    this.#release();
    if (this.#settled) return;
    this.#settle(this.report.outcomeOfStatus());
    this.#owner.onEnd(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const wasUsed = this.#connection?.connects === this.#connectsBefore;
    this.#release();
    if (!this.#settled) this.#fail(classify(error, this.#phase, this.#try.route.name, this.#owner.settings, wasUsed), error);
  }

  onLate(what: Lateness, limitMs: number): void {
    if (what === "stream") return this.#owner.onStreamLate(limitMs);
    this.#fail(tooLate(what, this.#try.route.name, limitMs));
    this.#controller?.abort(abandoned);
  }

  #send(connection: Connection): void {
    this.#connection = connection;
    this.#connectsBefore = connection.connects;
    this.#phase = "connecting";
    const { origin, route } = this.#try;
    const { method, path, headers, body, upgrade } = this.#owner.outgoing;
    const options = {
      path: origin.basePath + (route.path ?? path),
      method,
      headers: withTraceparent(headers, this.report.traceparent),
      body: body.open(this.#owner, connection),
      upgrade: upgrade ?? null,
    };
    connection.dispatch(options, this);
  }

  #onInformational(status: number, headers: AnswerHeaders): void {
    this.#clock.countInformational();
    if (status === 103 && !this.#settled) this.#owner.onEarlyHints(headers);
  }

  #fail(failure: Failure | undefined, error?: unknown): void {
    this.#settle(failure?.outcome ?? "cancelled", failure);
    this.#owner.onFailure(failure, error);
  }

  #settle(outcome: AttemptOutcome, failure?: Failure): void {
    this.#settled = true;
    clearTimeout(this.#queueTimer);
    this.#clock.stop();
    this.report.ended(outcome, failure);
  }

  #release(): void {
    if (this.#connection !== undefined) this.#try.origin.release(this.#connection);
    this.#connection = undefined;
  }
}
