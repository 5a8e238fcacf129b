import type { Case } from "./cases.ts";
import { type RunningContestant, startContestant } from "./contestants/contestant-process.ts";
import type { Contestant, Surroundings } from "./contestants/contestant.ts";
import { demandSameWork } from "./contestants/same-work.ts";
import type { LoadResult } from "./loads/load.ts";
import { meterOf, type ProcessMeter } from "./process-meter.ts";
import { spreadOf } from "./statistics.ts";
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

export type Conditions = Pick<Surroundings, "upstream" | "accessLog" | "services"> & { warmUpSeconds: number };

/** A fresh contestant that is warm, so that no round inherits anything from the one before. */
export class Trial {
  readonly #running: RunningContestant;
  readonly #case: Case;
  readonly #meter: ProcessMeter;
  readonly #turns: LoadResult[] = [];
  #cpuMicros = 0;
  #bytesBefore = 0;

  private constructor(running: RunningContestant, each: Case) {
    this.#running = running;
    this.#case = each;
    this.#meter = meterOf(running.pid);
  }

  /** @throws Error when it does not start, does not do its work, or fails while it warms up */
  static async begin(contestant: Contestant, each: Case, { warmUpSeconds, ...surroundings }: Conditions): Promise<Trial> {
    const running = await startContestant(contestant, { ...surroundings, streaming: each.streaming, calls: each.calls ?? false });
    const trial = new Trial(running, each);
    try {
      await demandSameWork(contestant, each.request, running.port);
      await trial.warmUp(warmUpSeconds);
    } catch (error) {
      await running.stop();
      throw error;
    }
    return trial;
  }

  /** Loads it, and counts nothing. */
  async warmUp(seconds: number): Promise<void> {
    const { load, warmUp = load } = this.#case;
    await warmUp({ port: this.#running.port, meter: this.#meter, seconds });
  }

  /** Loads it as it will be measured, and counts nothing. */
  async settle(seconds: number): Promise<void> {
    await this.#case.load({ port: this.#running.port, meter: this.#meter, seconds });
  }

  /** Loads it, and adds what that took to its sample. */
  async takeTurn(seconds: number): Promise<void> {
    if (this.#turns.length === 0) {
      this.#bytesBefore = this.#meter.residentBytes();
      this.#meter.forgetPeak();
    }
    const cpuBefore = this.#meter.cpuMicros();
    const result = await this.#case.load({ port: this.#running.port, meter: this.#meter, seconds });
    this.#cpuMicros += result.cpuMicros ?? this.#meter.cpuMicros() - cpuBefore;
    this.#turns.push(result);
  }

  /** All of its turns as one; latencies are those of the middle turn. */
  sample(): Sample {
    const sum = (member: "units" | "seconds"): number => this.#turns.reduce((total, turn) => total + turn[member], 0);
    const middle = (member: "p50Ms" | "p99Ms"): number => spreadOf(this.#turns.map((turn) => turn[member])).median;
    const peakBytes = this.#meter.peakBytes();
    const residentBytes = this.#turns.at(-1)?.residentBytes ?? peakBytes;
    return {
      perSecond: sum("units") / sum("seconds"),
      p50Ms: middle("p50Ms"),
      p99Ms: middle("p99Ms"),
      cpuMicros: this.#cpuMicros / sum("units"),
      peakMebibytes: peakBytes / mebibyte,
      startMs: this.#running.startMs,
      growth: (Math.max(0, residentBytes - this.#bytesBefore) / mebibyte) * (this.#case.memory?.perMebibyte ?? 1),
    };
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
