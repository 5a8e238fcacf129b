import { budgetWebhookEnded } from "../events.ts";
import { signedHeaders } from "./signature.ts";
import type { ReadWebhookOptions } from "./webhook-options.ts";

/** What is delivered. Attempts of one message have the same id, so that a receiver can drop repetitions. */
interface Message {
  readonly id: string;
  readonly budget: string;
  readonly body: string;
}

interface Delivery extends Message {
  attempts: number;
  timer: NodeJS.Timeout | undefined;
  /** The attempt at the end, after which there is none. */
  isLast: boolean;
}

/** A receiver that is slow gets no more connections. */
const atOnce = 4;
const longestWaitMs = 1_800_000;
const lastAttemptMs = 3_000;

/** Delivers messages, each until the receiver has taken it or all attempts have failed. */
export class Deliveries {
  readonly #options: ReadWebhookOptions;
  readonly #waiting = new Set<Delivery>();
  readonly #ready: Delivery[] = [];
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #isClosing = false;

  constructor(options: ReadWebhookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(message: Message): void {
    const delivery: Delivery = { ...message, attempts: 0, timer: undefined, isLast: false };
    if (this.#waiting.size >= this.#options.maxWaiting) return this.#giveUp(delivery, new Error("too many messages wait"));
    this.#waiting.add(delivery);
    this.#try(delivery);
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const timer = setTimeout(() => this.#end.abort(), lastAttemptMs);
    for (const delivery of this.#waiting) {
      if (delivery.timer === undefined) continue;
      clearTimeout(delivery.timer);
      delivery.isLast = true;
      this.#try(delivery);
    }
    while (this.#running.size > 0) await Promise.all(this.#running);
    clearTimeout(timer);
  }

  #try(delivery: Delivery): void {
    delivery.timer = undefined;
    this.#ready.push(delivery);
    this.#next();
  }

  #next(): void {
    if (this.#running.size >= atOnce) return;
    const delivery = this.#ready.shift();
    if (delivery === undefined) return;
    const running = this.#attempt(delivery).finally(() => {
      this.#running.delete(running);
      this.#next();
    });
    this.#running.add(running);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    delivery.attempts += 1;
    try {
      await this.#post(delivery);
      this.#waiting.delete(delivery);
      this.#publish(delivery, undefined);
    } catch (error) {
      this.#failed(delivery, error as Error);
    }
  }

  async #post({ id, body }: Delivery): Promise<void> {
    const { url, secretOf, timeoutMs } = this.#options;
    const headers = { "content-type": "application/json", ...signedHeaders(secretOf(), { id, body, timeMs: Date.now() }) };
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the receiver responded with ${response.status}`);
  }

  #failed(delivery: Delivery, error: Error): void {
    const { attempts, retryMs } = this.#options;
    if (delivery.isLast || delivery.attempts >= attempts) return this.#giveUp(delivery, error);
    if (this.#isClosing) {
      delivery.isLast = true;
      return this.#try(delivery);
    }
    const longest = Math.min(longestWaitMs, retryMs * 4 ** (delivery.attempts - 1));
    // Not all at once: the receiver may be down for all gateways.
    const waitMs = longest * (0.5 + Math.random() / 2);
    delivery.timer = setTimeout(() => this.#try(delivery), waitMs).unref();
  }

  #giveUp(delivery: Delivery, error: Error): void {
    this.#waiting.delete(delivery);
    this.#publish(delivery, error);
  }

  #publish({ id, budget, attempts }: Delivery, error: Error | undefined): void {
    if (budgetWebhookEnded.hasSubscribers) budgetWebhookEnded.publish({ id, budget, delivered: error === undefined, attempts, error });
  }
}
