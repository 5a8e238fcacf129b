import type { IncomingMessage, ServerResponse } from "node:http";

import type { Next } from "@aivillage/middleware";

import { Answer, cutShort } from "./answer.ts";
import { Attempt, type AttemptOwner } from "./attempt.ts";
import type { BodySource } from "./body-source.ts";
import { discardRest } from "./discard-rest.ts";
import { setDownstream } from "./downstream-value.ts";
import { gatewayTimeout } from "./errors.ts";
import { type Failure, toProblem } from "./failure.ts";
import { FallbackPlan } from "./fallback-plan.ts";
import type { FallbackReason } from "./options.ts";
import type { Settings } from "./read-options.ts";
import type { AnswerHeaders } from "./response-headers.ts";
import type { Route } from "./route.ts";

/** What is sent, to whichever target. */
export interface OutgoingRequest {
  /** Path and query for targets without a path of their own. */
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
}

/** One request of a client: tries the targets in order until one answers, and ends when the client leaves. */
export class Exchange implements AttemptOwner {
  readonly req: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
  readonly settings: Settings;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #plan: FallbackPlan;
  readonly #startedAt = performance.now();
  #attempt: Attempt | undefined;
  #answer: Answer | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #stallTimer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(
    { settings, routes }: { settings: Settings; routes: readonly Route[] },
    { req, res, next }: { req: IncomingMessage; res: ServerResponse; next: Next },
    { path, headers, body }: OutgoingRequest,
  ) {
    this.settings = settings;
    this.req = req;
    this.method = req.method ?? "GET";
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.#res = res;
    this.#next = next;
    this.#plan = new FallbackPlan(settings, routes);
  }

  start(): void {
    this.#res.once("close", () => this.#cancel());
    const { totalTimeoutMs } = this.settings;
    if (totalTimeoutMs > 0) this.#totalTimer = setTimeout(() => this.#expire(), totalTimeoutMs).unref();
    this.#try();
  }

  onHead(status: number, headers: AnswerHeaders): void {
    if (status >= 500 && this.#mayTryAgain("server_error")) {
      this.#attempt?.abandon("server_error");
      return this.#tryAgain();
    }
    if (isEventStream(headers)) clearTimeout(this.#totalTimer);
    this.#answer = new Answer(this.req, this.#res, { status, headers }, this.settings);
  }

  onData(chunk: Buffer): boolean {
    if (this.#answer?.write(chunk) !== false) return true;
    clearTimeout(this.#stallTimer);
    this.#stallTimer = setTimeout(() => this.#giveUpOnClient(), this.settings.stallTimeoutMs).unref();
    this.#res.once("drain", this.#onDrain);
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

  onFailure(failure: Failure | undefined, error: Error | undefined): void {
    if (failure === undefined) return this.#fail(error);
    if (this.#answer !== undefined) return this.#fail(toProblem(failure, this.settings.retryAfterMs));
    if (this.#mayTryAgain(failure.outcome)) return this.#tryAgain();
    this.#fail(this.#plan.lastWord(failure));
  }

  onBodyBroken(error: Error): void {
    if (this.#settled) return;
    const clientLeft = this.req.destroyed && !this.req.complete;
    if (clientLeft) return this.#cancel();
    this.#attempt?.abandon("cancelled");
    this.#fail(error);
  }

  #try(): void {
    if (this.#settled) return;
    const route = this.#plan.begin();
    setDownstream(this.req, { target: route.name, attempts: this.#plan.tries });
    this.#attempt = new Attempt(this, route);
    this.#attempt.begin();
  }

  #mayTryAgain(reason: FallbackReason): boolean {
    return this.#plan.advance(reason, this.body.replayable);
  }

  /** In a later step: undici may be calling, and its parser is not reentrant. */
  #tryAgain(): void {
    process.nextTick(() => this.#try());
  }

  #members(): Readonly<Record<string, unknown>> {
    const outcome = { target: this.#plan.route.name, durationMs: performance.now() - this.#startedAt };
    return this.settings.mergeJson?.(this.req, outcome) ?? {};
  }

  readonly #onDrain = (): void => {
    clearTimeout(this.#stallTimer);
    this.#attempt?.resume();
  };

  #giveUpOnClient(): void {
    this.#cancel();
    cutShort(this.#res);
  }

  /** The client has left, or reads no more. */
  #cancel(): void {
    if (this.#settled) return;
    this.#attempt?.abandon("cancelled");
    this.#settle();
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
    clearTimeout(this.#stallTimer);
    this.body.close();
  }
}

function isEventStream({ "content-type": type }: AnswerHeaders): boolean {
  return typeof type === "string" && /^text\/event-stream\b/i.test(type);
}
