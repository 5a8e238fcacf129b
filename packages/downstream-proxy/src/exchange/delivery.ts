import type { ServerResponse } from "node:http";

import { cutShort } from "@aivillage/middleware";

import type { AttemptSeries } from "../attempts/attempt-series.ts";
import { refusedInBody } from "../attempts/failed-attempt.ts";
import type { RequestContext } from "../attempts/request-context.ts";
import type { ResponseHead, ResponseHeaders } from "../fields/response-head.ts";
import { isOpenEnded } from "../fields/stream-type.ts";
import type { ResponseFilter } from "../options/response-filter.ts";
import { ClientResponse } from "../response/client-response.ts";
import { isHeld, OpeningResponse } from "../response/opening-response.ts";
import type { ResponseBatch } from "../response/response-batch.ts";
import { StallTimer } from "../response/stall-timer.ts";

interface DeliveryListener {
  /** The head is being sent to the client. */
  onOpened(isOpenEnded: boolean): void;
  /** The client takes nothing for `stallTimeoutMs`. */
  onStalled(): void;
}

/** The response of one request: its head is held while the request may still be sent elsewhere, then it is passed to the client. */
export class Delivery {
  readonly #request: RequestContext;
  readonly #res: ServerResponse;
  readonly #attempts: AttemptSeries;
  readonly #batch: ResponseBatch;
  readonly #listener: DeliveryListener;
  #opening: OpeningResponse | undefined;
  #response: ClientResponse | undefined;
  #stallTimer: StallTimer | undefined;

  constructor(request: RequestContext, res: ServerResponse, attempts: AttemptSeries, batch: ResponseBatch, listener: DeliveryListener) {
    this.#request = request;
    this.#res = res;
    this.#attempts = attempts;
    this.#batch = batch;
    this.#listener = listener;
  }

  /** Whether the response can no longer be replaced. */
  get hasOpened(): boolean {
    return this.#response !== undefined;
  }

  /** @throws what the option `filter` throws */
  begin(status: number, received: ResponseHeaders): void {
    const { req, settings } = this.#request;
    const timing = settings.serverTiming ? this.#attempts.current?.report.serverTiming() : undefined;
    const head = { status, headers: this.#attempts.rewritten(received), timing };
    const filter = settings.filter?.(req, head);
    if (!isHeld(head, filter, settings.firstEventTimeoutMs)) return void this.#open(head, filter);
    this.#opening = new OpeningResponse(head, filter);
    this.#decide(this.#opening);
  }

  /**
   * False if the client does not keep up; then the attempt is resumed when it does.
   *
   * @throws what the filter throws
   */
  push(chunk: Buffer): boolean {
    if (this.#opening === undefined) return this.#isFlowing(this.#response?.write(chunk));
    this.#opening.write(chunk);
    return this.#decide(this.#opening);
  }

  /**
   * The response of the target is complete. False if another attempt follows.
   *
   * @throws what the filter throws at the end of a response whose head is held
   */
  complete(): boolean {
    const opening = this.#opening;
    if (opening === undefined) return true;
    try {
      opening.end();
    } catch (error) {
      if (opening.state === "refused" && this.#continueElsewhere()) return false;
      this.drop();
      throw error;
    }
    if (opening.state === "refused" && this.#continueElsewhere()) return false;
    this.#release(opening);
    return true;
  }

  /**
   * Ends the response, after `complete()`.
   *
   * @throws what the filter throws: the response must not be taken for complete
   */
  end(trailers: ResponseHeaders): void {
    const { req, settings } = this.#request;
    this.#response?.end(trailers, () => {
      const { target, elapsedMs } = this.#attempts.plan;
      return settings.mergeJson?.(req, { target: target.name, durationMs: elapsedMs }) ?? {};
    });
  }

  /** The attempt has failed, so what was held of it will not be sent. */
  drop(): void {
    this.#opening = undefined;
  }

  /** The head was sent, but the response cannot be completed. */
  breakOff(error: unknown): void {
    if (this.#response === undefined) cutShort(this.#res);
    else this.#response.breakOff(error);
  }

  clientLeft(): void {
    this.#response?.left();
  }

  /** Nothing more will be written. */
  stop(): void {
    this.#stallTimer?.stop();
    this.#response?.stop();
  }

  /** False for a pause. */
  #decide(opening: OpeningResponse): boolean {
    const { state } = opening;
    if (state === "pending" || (state === "refused" && this.#continueElsewhere())) return true;
    return this.#release(opening);
  }

  #continueElsewhere(): boolean {
    const continues = this.#attempts.continueAfter(refusedInBody());
    if (continues) this.drop();
    return continues;
  }

  /** Sends the head, and what has waited for it. */
  #release({ head, filter, held }: OpeningResponse): boolean {
    this.#opening = undefined;
    const response = this.#open(head, filter);
    let flowing = true;
    for (const bytes of held) flowing = response.pass(bytes);
    return this.#isFlowing(flowing);
  }

  #open(head: ResponseHead, filter: ResponseFilter | undefined): ClientResponse {
    const { req, settings } = this.#request;
    this.#attempts.current?.began();
    this.#listener.onOpened(isOpenEnded(head.status, head.headers));
    this.#response = new ClientResponse({ req, res: this.#res }, head, filter, settings, this.#batch);
    return this.#response;
  }

  #isFlowing(flowing: boolean | undefined): boolean {
    if (flowing !== false) return true;
    this.#stallTimer ??= new StallTimer(this.#res, this.#request.settings.stallTimeoutMs, {
      onDrained: () => this.#attempts.current?.resume(),
      onStalled: () => this.#listener.onStalled(),
    });
    this.#stallTimer.start();
    return false;
  }
}
