import type { UploadSettings } from "../options.ts";

type Limits = Pick<UploadSettings, "timeoutMs" | "idleTimeoutMs" | "minBytesPerSecond" | "rateWindowMs">;

/** Watches how fast an upload arrives. The time in which the server itself does not read counts for the whole time only. */
export class ArrivalWatch {
  readonly #limits: Limits;
  readonly #late: (reason: string) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  #window: NodeJS.Timeout | undefined;
  #bytes = 0;
  #openMs = 0;
  /** When reading began again; `undefined` while nothing is read. */
  #openSince: number | undefined = performance.now();

  /** @param late called when a limit is reached, maybe more than once */
  constructor(limits: Limits, late: (reason: string) => void) {
    const { timeoutMs, idleTimeoutMs, minBytesPerSecond, rateWindowMs } = limits;
    this.#limits = limits;
    this.#late = late;
    this.#deadline = setTimeout(() => late(`The upload took longer than ${timeoutMs} ms.`), timeoutMs).unref();
    this.#idle = setTimeout(() => this.#onIdle(), idleTimeoutMs).unref();
    if (minBytesPerSecond > 0) this.#window = setTimeout(() => this.#onWindow(), rateWindowMs).unref();
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    this.#idle.refresh();
  }

  paused(): void {
    if (this.#openSince !== undefined) this.#openMs += performance.now() - this.#openSince;
    this.#openSince = undefined;
  }

  resumed(): void {
    this.#openSince ??= performance.now();
    this.#idle.refresh();
  }

  /** All has come; the whole time still runs. */
  complete(): void {
    clearTimeout(this.#window);
    clearTimeout(this.#idle);
  }

  close(): void {
    this.complete();
    clearTimeout(this.#deadline);
  }

  #onIdle(): void {
    if (this.#openSince === undefined) this.#idle.refresh();
    else this.#late(`No data came for ${this.#limits.idleTimeoutMs} ms.`);
  }

  #onWindow(): void {
    const { minBytesPerSecond, rateWindowMs } = this.#limits;
    const now = performance.now();
    const openMs = this.#openMs + (this.#openSince === undefined ? 0 : now - this.#openSince);
    // Less says nothing: it is added to the next window.
    if (openMs * 2 >= rateWindowMs) {
      if (this.#bytes * 1_000 < minBytesPerSecond * openMs) return this.#late(`It came slower than ${minBytesPerSecond} bytes per second.`);
      this.#bytes = 0;
      this.#openMs = 0;
      if (this.#openSince !== undefined) this.#openSince = now;
    }
    this.#window?.refresh();
  }
}
