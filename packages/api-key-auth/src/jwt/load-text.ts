import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

import { Chunks } from "@aivillage/middleware";

/**
 * The text at a URL, of at most `maxBytes`.
 *
 * @throws Error for another status than 200, redirects included, and for a longer text; and when the signal aborts
 */
export async function fetchText(url: string, init: RequestInit, maxBytes: number): Promise<string> {
  const response = await fetch(url, init);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the response has status ${response.status}, expected 200`);
  }
  const chunks = new Chunks();
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (chunks.bytes > maxBytes) throw tooLarge(maxBytes);
  }
  return chunks.joined().toString("utf8");
}

/** The text of a regular file of at most `maxBytes`. @throws Error when there is none */
export function readTextFile(path: string, maxBytes: number): string {
  // Opening a pipe would wait for somebody who writes into it. Windows has no such flag.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error("it is not a regular file");
    if (stats.size > maxBytes) throw tooLarge(maxBytes);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function tooLarge(maxBytes: number): Error {
  return new Error(`it has more than ${maxBytes} bytes`);
}

/** The reason of a failure in one line; `fetch()` hides it in the cause. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
