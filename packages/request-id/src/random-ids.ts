import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_800);
let usedBytes = pool.length;

/** Few bytes of the pool at a time become digits, because an id that is kept keeps all of them in memory. */
const bytesAtOnce = 480;
let digits = "";
let used = 0;

/** Random digits of lower-case hex. They are made in advance, because a call out of JavaScript costs far more than 48 digits. */
function randomHex(length: number): string {
  if (used + length > digits.length) makeDigits();
  used += length;
  return digits.slice(used - length, used);
}

function makeDigits(): void {
  if (usedBytes === pool.length) {
    randomFillSync(pool);
    usedBytes = 0;
  }
  digits = pool.toString("hex", usedBytes, usedBytes + bytesAtOnce);
  usedBytes += bytesAtOnce;
  used = 0;
}

/** The id of a new span: 16 digits of lower-case hex, never all zero. */
export function randomSpanId(): string {
  const id = randomHex(16);
  return isZero(id) ? randomSpanId() : id;
}

/** The id of a new trace, 32 digits, and that of its first span. */
export function randomTrace(): { traceId: string; spanId: string } {
  const traceId = randomHex(32);
  const spanId = randomHex(16);
  return isZero(traceId) || isZero(spanId) ? randomTrace() : { traceId, spanId };
}

const zeros = "0".repeat(32);

function isZero(id: string): boolean {
  return zeros.startsWith(id);
}
