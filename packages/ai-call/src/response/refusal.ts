import { Chunks } from "@aivillage/middleware";

import { type AiResponseFilter, nothing } from "./response-filter.ts";

/** Longer errors are passed on unread. */
const maxBytes = 16_384;

/** Reads an error of a backend to find out whether another backend may take the call. */
export class Refusal implements AiResponseFilter {
  readonly changes = false;
  readonly #codes: readonly string[];
  readonly #kept = new Chunks();
  #opening: "pending" | "content" | "refused" = "pending";

  constructor(codes: readonly string[]) {
    this.#codes = codes;
  }

  get opening(): "pending" | "content" | "refused" {
    return this.#opening;
  }

  write(chunk: Buffer): Buffer {
    if (this.#opening === "pending") this.#kept.push(chunk);
    if (this.#kept.bytes > maxBytes) this.#opening = "content";
    return chunk;
  }

  end(): Buffer {
    if (this.#opening === "pending") this.#opening = this.#isListed() ? "refused" : "content";
    return nothing;
  }

  #isListed(): boolean {
    const { code, type } = errorOf(this.#kept.joined().toString());
    return this.#codes.some((listed) => listed === code || listed === type);
  }
}

/** Providers put the reason into the member `code`, or only into `type`. */
function errorOf(text: string): { readonly code?: unknown; readonly type?: unknown } {
  try {
    const document = JSON.parse(text) as { error?: unknown } | null;
    return Object(document?.error) as object;
  } catch {
    return {};
  }
}
