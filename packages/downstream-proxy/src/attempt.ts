import type { Duplex } from "node:stream";

import type { Dispatcher } from "undici";

import type { AttemptOwner } from "./attempt-owner.ts";
import { AttemptReport } from "./attempt-report.ts";
import { checkAnswer, MalformedAnswer, maxInformational } from "./check-answer.ts";
import type { Connection } from "./connection.ts";
import type { AttemptOutcome } from "./events.ts";
import { breakerOpen, classify, type Failure, noPlace, type Phase } from "./failure.ts";
import type { Candidate } from "./origin.ts";
import type { Try } from "./plan.ts";
import { withField } from "./request-headers.ts";
import type { AnswerHeaders } from "./response-headers.ts";

const abandoned = new Error("the attempt was abandoned");

/** One try at one replica: asks breaker and origin for leave, sends the request, and passes the answer on as it comes. */
export class Attempt implements Dispatcher.DispatchHandler, Candidate {
  readonly report: AttemptReport;
  readonly #owner: AttemptOwner;
  readonly #try: Try;
  #phase: Phase = "queued";
  #connection: Connection | undefined;
  #connectsBefore = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #queueTimer: NodeJS.Timeout | undefined;
  #informational = 0;
  #settled = false;

  constructor(owner: AttemptOwner, begun: Try) {
    this.#owner = owner;
    this.#try = begun;
    this.report = new AttemptReport(owner.req, begun);
  }

  begin(): void {
    if (!this.report.enter()) return this.#fail(breakerOpen(this.#try.route.name));
    try {
      this.#beginTrace();
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
    this.#queueTimer = setTimeout(() => this.#leaveQueue(), settings.connectTimeoutMs).unref();
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
    if (!this.#settled) this.#controller?.resume();
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
  }

  onBodySent(chunk: Buffer): void {
    this.report.sent(chunk.length);
    if (!this.#settled) this.#owner.outgoing.body.sent(chunk);
  }

  onResponseStarted(): void {
    if (this.#phase === "waiting") this.#phase = "heading";
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return this.#onInformational(status, headers);
    checkAnswer(status, headers);
    this.#phase = "answering";
    this.report.answered(status);
    this.#owner.onHead(status, headers);
  }

  onRequestUpgrade(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders, socket: Duplex): void {
    if (this.#settled) return void socket.destroy();
    this.#controller = undefined;
    this.report.answered(status);
    this.#owner.onUpgraded(headers, socket);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.report.received(chunk.length);
    if (!this.#owner.onData(chunk)) controller.pause();
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

  #send(connection: Connection): void {
    this.#connection = connection;
    this.#connectsBefore = connection.connects;
    this.#phase = "connecting";
    const { origin, route } = this.#try;
    const { method, path, headers, body, upgrade } = this.#owner.outgoing;
    const options = {
      path: origin.basePath + (route.path ?? path),
      method,
      headers: this.#withTraceparent(headers),
      body: body.open(this.#owner, connection),
      upgrade: upgrade ?? null,
    };
    connection.dispatch(options, this);
  }

  #beginTrace(): void {
    const { traceparent } = this.#owner.settings;
    if (traceparent === undefined) return;
    const { route, origin, attempt } = this.#try;
    const path = origin.basePath + (route.path ?? this.#owner.outgoing.path).split("?", 1)[0];
    this.report.traceparent = traceparent(this.#owner.req, { target: route.name, origin: origin.url, path, attempt });
  }

  #withTraceparent(headers: string[]): string[] {
    const { traceparent } = this.report;
    return traceparent === undefined ? headers : withField(headers, "traceparent", traceparent);
  }

  #onInformational(status: number, headers: AnswerHeaders): void {
    this.#informational += 1;
    if (this.#informational > maxInformational) throw new MalformedAnswer("too many informational answers");
    if (status === 103 && !this.#settled) this.#owner.onEarlyHints(headers);
  }

  #leaveQueue(): void {
    this.#try.origin.leave(this);
    this.refused();
  }

  #fail(failure: Failure | undefined, error?: unknown): void {
    this.#settle(failure?.outcome ?? "cancelled", failure);
    this.#owner.onFailure(failure, error);
  }

  #settle(outcome: AttemptOutcome, failure?: Failure): void {
    this.#settled = true;
    clearTimeout(this.#queueTimer);
    this.report.ended(outcome, failure);
  }

  #release(): void {
    if (this.#connection !== undefined) this.#try.origin.release(this.#connection);
    this.#connection = undefined;
  }
}
