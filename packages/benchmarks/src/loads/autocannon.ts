import type { RequestShape } from "../traffic.ts";
import type { LoadResult } from "./load.ts";

/** The arguments that make autocannon repeat one request over 64 connections. */
export function autocannonArguments(url: string, { method, headers, body }: RequestShape, seconds: number): string[] {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  return ["--json", "--no-progress", "-c", "64", "-d", String(seconds), "-m", method, ...fields, ...(body ? ["-b", body] : []), url];
}

interface AutocannonResult {
  readonly duration: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
  readonly requests: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
}

/**
 * Reads the JSON that autocannon writes.
 *
 * @throws Error when there was no response, or anything failed; `anyStatus` lets every status pass
 */
export function readAutocannon(output: string, anyStatus: boolean): LoadResult {
  const { duration, errors, timeouts, non2xx, requests, latency } = JSON.parse(output) as AutocannonResult;
  if (requests.total === 0) throw new Error("no request got a response");
  if (errors + timeouts > 0 || (non2xx > 0 && !anyStatus)) {
    throw new Error(`of ${requests.total} responses ${non2xx} were refusals, and there were ${errors} errors and ${timeouts} time-outs`);
  }
  return { units: requests.total, seconds: duration, p50Ms: latency.p50, p99Ms: latency.p99 };
}
