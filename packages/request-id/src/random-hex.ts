import { randomFillSync } from "node:crypto";

const bytesAtOnce = 2_048;
const bytes = Buffer.alloc(bytesAtOnce);
let pool = "";
let used = 0;

/**
 * Random digits of lower-case hex, 32 at most and never all zero.
 *
 * They are cut from a text for many of them: to ask the generator, and to write its bytes as a text, costs far more than 16 digits.
 */
export function randomHex(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomFillSync(bytes).toString("hex");
    used = 0;
  }
  const hex = pool.slice(used, used + digits);
  used += digits;
  return isZero(hex) ? randomHex(digits) : hex;
}

const zeros = "0".repeat(32);

function isZero(hex: string): boolean {
  return zeros.startsWith(hex);
}
