import type { ResponseEnd, ResponseFilter, ResponseOpening } from "../options/response-filter.ts";

const nothing = Buffer.alloc(0);

/**
 * Searches the body of an error for secrets, wherever its chunks end, and passes it on unchanged. The proxy holds the head of an error for as
 * long as `opening` is pending, at most 64 KiB, so that one with a secret becomes another response; a longer one is broken off.
 */
export class SecretWatch implements ResponseFilter {
  readonly changes: boolean;
  readonly #secrets: readonly Buffer[];
  readonly #inner: ResponseFilter | undefined;
  readonly #withhold: () => Error;
  /** The end of what has come, which may be the beginning of a secret. */
  #tail: Buffer = nothing;
  readonly #tailBytes: number;
  #hasEnded = false;

  /** @param withhold makes the error that stops a response with a secret */
  constructor(secrets: readonly string[], inner: ResponseFilter | undefined, withhold: () => Error) {
    this.#secrets = secrets.map((secret) => Buffer.from(secret));
    this.#tailBytes = Math.max(...this.#secrets.map(({ length }) => length)) - 1;
    this.#inner = inner;
    this.#withhold = withhold;
    this.changes = inner?.changes ?? false;
  }

  get opening(): ResponseOpening {
    if (!this.#hasEnded) return "pending";
    return this.#inner?.opening ?? "content";
  }

  write(chunk: Buffer): Buffer {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    if (this.#secrets.some((secret) => bytes.includes(secret))) throw this.#withhold();
    const end = Math.max(0, bytes.length - this.#tailBytes);
    this.#tail = bytes.subarray(end);
    return this.#pass(bytes.subarray(0, end));
  }

  end(how: ResponseEnd, error?: unknown): Buffer {
    const rest = how === "completed" ? this.#pass(this.#tail) : nothing;
    const last = this.#inner?.end(how, error) ?? nothing;
    this.#hasEnded = true;
    return Buffer.concat([rest, last]);
  }

  #pass(bytes: Buffer): Buffer {
    return bytes.length === 0 ? bytes : (this.#inner?.write(bytes) ?? bytes);
  }
}
