import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** Random bytes as lower-case hex, never all zero. They come from a pool, because a call of the generator costs far more than 8 bytes. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString("hex", used, used + bytes);
  used += bytes;
  return hex === "0".repeat(2 * bytes) ? randomHex(bytes) : hex;
}
