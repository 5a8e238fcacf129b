import { TextScan } from "./text-scan.ts";

/** A scan holds about 300 kB; one is enough, since nothing is awaited while a text is screened. */
let idle: TextScan | undefined;

/**
 * Lends a scan to `use`.
 *
 * A borrower gets a new one while another is in use, so that a call within a call reads nothing of the other's text.
 */
export function withScan<Result>(use: (scan: TextScan) => Result): Result {
  const scan = idle ?? new TextScan();
  idle = undefined;
  try {
    return use(scan);
  } finally {
    scan.trim();
    idle = scan;
  }
}
