import type { Case } from "./cases.ts";
import { startContestant } from "./contestant-process.ts";
import type { Contestant, Surroundings } from "./contestant.ts";
import { meterOf } from "./process-meter.ts";
import { demandSameWork } from "./same-work.ts";
import { mebibyte } from "./traffic.ts";

/** One contestant under one kind of traffic, once. */
export interface Sample {
  /** Requests, events or MiB per second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the contestant per request, event or MiB, in microseconds. */
  readonly cpuMicros: number;
  /** Most resident memory while loaded, in MiB. */
  readonly peakMebibytes: number;
  /** From the start of the process to the first connection that it accepts, in milliseconds. */
  readonly startMs: number;
  /** Resident memory that the load has added to what the warmed-up process had, in the unit of the case. */
  readonly growth: number;
}

export type Conditions = Pick<Surroundings, "upstream" | "accessLog" | "services"> & { seconds: number; warmUpSeconds: number };

/** Starts the contestant anew, warms it up, loads it, and stops it, so that no round inherits anything from the one before. */
export async function measure(
  contestant: Contestant,
  { request, load, warmUp = load, streaming, calls = false, memory }: Case,
  { seconds, warmUpSeconds, ...surroundings }: Conditions,
): Promise<Sample> {
  const running = await startContestant(contestant, { ...surroundings, streaming, calls });
  try {
    const meter = meterOf(running.pid);
    const target = { port: running.port, meter };
    await demandSameWork(contestant, request, running.port);
    await warmUp({ ...target, seconds: warmUpSeconds });
    const bytesBefore = meter.residentBytes();
    meter.forgetPeak();
    const cpuBefore = meter.cpuMicros();
    const result = await load({ ...target, seconds });
    const cpuMicros = result.cpuMicros ?? meter.cpuMicros() - cpuBefore;
    const peakBytes = meter.peakBytes();
    return {
      perSecond: result.units / result.seconds,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      cpuMicros: cpuMicros / result.units,
      peakMebibytes: peakBytes / mebibyte,
      startMs: running.startMs,
      growth: (Math.max(0, (result.residentBytes ?? peakBytes) - bytesBefore) / mebibyte) * (memory?.perMebibyte ?? 1),
    };
  } finally {
    await running.stop();
  }
}
