import type { RequestShape } from "../traffic.ts";
import type { LoadResult } from "./load.ts";
import { rawRequest } from "./raw-request.ts";

const marker = "wrk-result ";

/**
 * A script for wrk that repeats one request and prints the outcome as a line of JSON, latencies in microseconds.
 *
 * Wrk itself would write the header fields in the order of a Lua table, which differs from run to run: V8 sees another kind of object in
 * each order, and compiles again what has read only the one.
 */
export function wrkScript(request: RequestShape, port: number): string {
  return `wrk.format = function() return ${quote(rawRequest(request, port))} end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '${marker}{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"status":%d,"sockets":%d,"timeouts":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
`;
}

interface WrkResult {
  readonly requests: number;
  readonly micros: number;
  readonly p50: number;
  readonly p99: number;
  readonly status: number;
  readonly sockets: number;
  readonly timeouts: number;
}

/**
 * Reads what the script wrote among wrk's own lines.
 *
 * @throws Error when it is not there, there was no response, or anything failed; `anyStatus` lets statuses from 400 pass
 */
export function readWrk(output: string, anyStatus: boolean): LoadResult {
  const line = output.split("\n").find((each) => each.startsWith(marker));
  if (line === undefined) throw new Error(`wrk gave no result: ${output.slice(0, 500)}`);
  const { requests, micros, p50, p99, status, sockets, timeouts } = JSON.parse(line.slice(marker.length)) as WrkResult;
  if (requests === 0) throw new Error("no request got a response");
  if (sockets + timeouts > 0 || (status > 0 && !anyStatus)) {
    throw new Error(`of ${requests} responses ${status} were refusals, and there were ${sockets} socket errors and ${timeouts} time-outs`);
  }
  return { units: requests, seconds: micros / 1e6, p50Ms: p50 / 1e3, p99Ms: p99 / 1e3 };
}

/** A Lua string; JSON has the same escapes as long as all is visible ASCII and line breaks. */
function quote(text: string): string {
  if (!/^[\r\n -~]*$/.test(text)) throw new Error(`only visible ASCII can be sent: ${JSON.stringify(text)}`);
  return JSON.stringify(text);
}
