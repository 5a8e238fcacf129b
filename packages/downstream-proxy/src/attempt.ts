import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { Dispatcher } from "undici";

import { AttemptReport } from "./attempt-report.ts";
import type { BodySource } from "./body-source.ts";
import { checkAnswer, MalformedAnswer, maxInformational } from "./check-answer.ts";
import type { Connection } from "./connection.ts";
import type { AttemptOutcome } from "./events.ts";
import { breakerOpen, classify, type Failure, noPlace, type Phase } from "./failure.ts";
import type { Candidate, Origin } from "./origin.ts";
import type { Try } from "./plan.ts";
import type { Settings } from "./read-options.ts";
import type { AnswerHeaders } from "./response-headers.ts";
import type { Route } from "./route.ts";

/** The request to send, and what the attempt tells. After `onEnd` or `onFailure`, or once abandoned, it is silent. */
export interface AttemptOwner {
  readonly req: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
  readonly settings: Settings;
  /** Protocol to change to, if the request asks for one. */
  readonly upgrade: string | undefined;
  /** Fields of an informational answer; the real one follows. */
  onEarlyHints(headers: AnswerHeaders): void;
  onHead(status: number, headers: AnswerHeaders): void;
  /** The target has changed the protocol; the connection is the owner's until `endUpgraded()`. */
  onUpgraded(headers: AnswerHeaders, socket: Duplex): void;
  /** False asks for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: AnswerHeaders): void;
  /** `undefined`: not the target failed, but the request could not be built; `error` says why. */
  onFailure(failure: Failure | undefined, error: Error | undefined): void;
  onBodyBroken(error: Error): void;
}

const abandoned = new Error("the attempt was abandoned");

/** One try at one replica: asks breaker and origin for leave, sends the request, and passes the answer on as it comes. */
export class Attempt implements Dispatcher.DispatchHandler, Candidate {
  readonly report: AttemptReport;
  readonly #owner: AttemptOwner;
  readonly #route: Route;
  readonly #origin: Origin;
  #phase: Phase = "queued";
  #connection: Connection | undefined;
  #connectsBefore = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #queueTimer: NodeJS.Timeout | undefined;
  #informational = 0;
  #settled = false;

  constructor(owner: AttemptOwner, begun: Try) {
    this.#owner = owner;
    this.#route = begun.route;
    this.#origin = begun.origin;
    this.report = new AttemptReport(owner.req, begun);
  }

  begin(): void {
    if (!this.report.enter()) return this.#fail(breakerOpen(this.#route.name));
    const answer = this.#origin.admit(this);
    if (answer === "refused") this.refused();
    else if (answer !== "queued") this.admitted(answer);
    else this.#queueTimer = setTimeout(() => this.#leaveQueue(), this.#owner.settings.connectTimeoutMs).unref();
  }

  /** Ends it at once, wherever it is, without a word to the owner. */
  abandon(outcome: AttemptOutcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#origin.leave(this);
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
    this.#connection = connection;
    this.#connectsBefore = connection.connects;
    this.#phase = "connecting";
    this.report.admitted();
    const { method, headers, upgrade } = this.#owner;
    const path = this.#origin.basePath + (this.#route.path ?? this.#owner.path);
    const body = this.#owner.body.open(this.#owner);
    connection.dispatch({ path, method, headers, body, upgrade: upgrade ?? null }, this);
  }

  refused(): void {
    this.#fail(noPlace(this.#route.name));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) throw abandoned;
    this.#controller = controller;
    this.#phase = "waiting";
    this.report.connected(this.#connection?.connects !== this.#connectsBefore);
  }

  onBodySent(chunk: Buffer): void {
    this.report.sent(chunk.length);
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
    this.#release();
    if (this.#settled) return;
    this.#settle(this.report.outcomeOfStatus());
    this.#owner.onEnd(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const wasUsed = this.#connection?.connects === this.#connectsBefore;
    this.#release();
    if (!this.#settled) this.#fail(classify(error, this.#phase, this.#route.name, this.#owner.settings, wasUsed), error);
  }

  #onInformational(status: number, headers: AnswerHeaders): void {
    this.#informational += 1;
    if (this.#informational > maxInformational) throw new MalformedAnswer("too many informational answers");
    if (status === 103 && !this.#settled) this.#owner.onEarlyHints(headers);
  }

  #leaveQueue(): void {
    this.#origin.leave(this);
    this.refused();
  }

  #fail(failure: Failure | undefined, error?: Error): void {
    this.#settle(failure?.outcome ?? "cancelled");
    this.#owner.onFailure(failure, error);
  }

  #settle(outcome: AttemptOutcome): void {
    this.#settled = true;
    clearTimeout(this.#queueTimer);
    this.report.ended(outcome);
  }

  #release(): void {
    if (this.#connection !== undefined) this.#origin.release(this.#connection);
    this.#connection = undefined;
  }
}
