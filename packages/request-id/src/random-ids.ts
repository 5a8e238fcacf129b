import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_080);
let used = pool.length;

/** Random bytes as lower-case hex. They come from a pool, because a call of the generator costs far more than 24 bytes. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}

/** The id of a new span: 16 digits of lower-case hex, never all zero. */
export function randomSpanId(): string {
  const id = randomHex(8);
  return isZero(id) ? randomSpanId() : id;
}

/** The id of a new trace, 32 digits, and that of its first span; written as one text, as each costs a call out of JavaScript. */
export function randomTrace(): { traceId: string; spanId: string } {
  const digits = randomHex(24);
  const [traceId, spanId] = [digits.slice(0, 32), digits.slice(32)];
  return isZero(traceId) || isZero(spanId) ? randomTrace() : { traceId, spanId };
}

const zeros = "0".repeat(32);

function isZero(id: string): boolean {
  return zeros.startsWith(id);
}
