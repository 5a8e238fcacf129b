import type { IncomingMessage } from "node:http";

import type { Dispatcher } from "undici";

import { AttemptReport } from "./attempt-report.ts";
import type { BodySource } from "./body-source.ts";
import type { AttemptOutcome } from "./events.ts";
import { breakerOpen, classify, type Failure, noPlace, type Phase } from "./failure.ts";
import type { Candidate, Origin } from "./origin.ts";
import type { Settings } from "./read-options.ts";
import type { AnswerHeaders } from "./response-headers.ts";
import { chooseOrigin, type Route } from "./route.ts";

/** The request to send, and what the attempt tells. After `onEnd` or `onFailure`, or once abandoned, it is silent. */
export interface AttemptOwner {
  readonly req: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
  readonly settings: Settings;
  onHead(status: number, headers: AnswerHeaders): void;
  /** False asks for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: AnswerHeaders): void;
  /** `undefined`: not the target failed, but the request could not be built; `error` says why. */
  onFailure(failure: Failure | undefined, error: Error | undefined): void;
  onBodyBroken(error: Error): void;
}

const abandoned = new Error("the attempt was abandoned");

/** One try at one target: asks breaker and origin for leave, sends the request, and passes the answer on as it comes. */
export class Attempt implements Dispatcher.DispatchHandler, Candidate {
  readonly #owner: AttemptOwner;
  readonly #route: Route;
  readonly #origin: Origin;
  readonly #report: AttemptReport;
  #phase: Phase = "queued";
  #controller: Dispatcher.DispatchController | undefined;
  #queueTimer: NodeJS.Timeout | undefined;
  #settled = false;
  #holdsPlace = false;

  constructor(owner: AttemptOwner, route: Route) {
    this.#owner = owner;
    this.#route = route;
    this.#origin = chooseOrigin(route.origins, performance.now());
    this.#report = new AttemptReport(owner.req, route);
  }

  begin(): void {
    if (!this.#report.enter()) return this.#fail(breakerOpen(this.#route.name));
    this.#report.sentTo(this.#origin.url);
    const answer = this.#origin.admit(this);
    if (answer === "admitted") this.admitted();
    else if (answer === "refused") this.refused();
    else this.#queueTimer = setTimeout(() => this.#leaveQueue(), this.#owner.settings.connectTimeoutMs).unref();
  }

  /** Ends it at once, wherever it is, without a word to the owner. */
  abandon(outcome: AttemptOutcome): void {
    if (this.#settled) return;
    this.#settle(outcome);
    this.#origin.leave(this);
    // While undici is still connecting there is no controller; `onRequestStart` then refuses to send.
    this.#controller?.abort(abandoned);
  }

  resume(): void {
    if (!this.#settled) this.#controller?.resume();
  }

  admitted(): void {
    clearTimeout(this.#queueTimer);
    this.#holdsPlace = true;
    this.#phase = "connecting";
    const { method, headers, body } = this.#owner;
    const path = this.#origin.basePath + (this.#route.path ?? this.#owner.path);
    const sent = body.open((error) => this.#owner.onBodyBroken(error));
    this.#origin.dispatch({ path, method, headers, body: sent }, this);
  }

  refused(): void {
    this.#fail(noPlace(this.#route.name));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) throw abandoned;
    this.#controller = controller;
    this.#phase = "waiting";
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return;
    this.#phase = "answering";
    this.#report.answered(status);
    this.#owner.onHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#report.received(chunk.length);
    if (!this.#owner.onData(chunk)) controller.pause();
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: AnswerHeaders): void {
    this.#release();
    if (this.#settled) return;
    this.#settle(this.#report.outcomeOfStatus());
    this.#owner.onEnd(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#release();
    if (!this.#settled) this.#fail(classify(error, this.#phase, this.#route.name, this.#owner.settings), error);
  }

  #leaveQueue(): void {
    this.#origin.leave(this);
    this.refused();
  }

  #fail(failure: Failure | undefined, error?: Error): void {
    if (failure?.outcome === "connect_error") this.#origin.eject(performance.now());
    this.#settle(failure?.outcome ?? "cancelled");
    this.#owner.onFailure(failure, error);
  }

  #settle(outcome: AttemptOutcome): void {
    this.#settled = true;
    clearTimeout(this.#queueTimer);
    this.#report.ended(outcome);
  }

  #release(): void {
    if (this.#holdsPlace) this.#origin.release();
    this.#holdsPlace = false;
  }
}
