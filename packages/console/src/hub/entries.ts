import { refusalCount } from "../activity/refusals.ts";
import { type ActivityReport, type Change, processName, type Refusal, type Seen } from "../activity/report.ts";
import { windowMs } from "../series/rolling.ts";

/** Most changes that are kept. */
const changeCount = 100;

/** An entry of any process, under a name that stays the same. */
type Named<T> = Omit<T, "seq"> & { readonly id: string };

/** The last refusals and changes of all processes. */
export class Entries {
  readonly #seen = new Map<string, Seen>();
  #refusals = new Map<string, Named<Refusal>>();
  #changes: Named<Change>[] = [];

  /** The numbers of the last entries that were read of each process. */
  get seen(): Record<string, Seen> {
    return Object.fromEntries(this.#seen);
  }

  /** Takes what is new and returns it. */
  take(reports: readonly ActivityReport[], nowMs: number): { refusals: Named<Refusal>[]; changes: Named<Change>[] } {
    const refusals: Named<Refusal>[] = [];
    const changes: Named<Change>[] = [];
    for (const report of reports) {
      const process = processName(report.process);
      refusals.push(...report.refusals.map(({ seq: _seq, ...entry }) => ({ ...entry, id: `${process}:${entry.number}` })));
      changes.push(...report.changes.map(({ seq: _seq, ...entry }) => ({ ...entry, id: `${process}:${entry.number}` })));
      this.#seen.set(process, report.seen);
    }
    this.#forgetProcesses(reports);
    for (const refusal of refusals) this.#refusals.set(refusal.id, refusal);
    const kept = [...this.#refusals.values()].filter(({ at }) => at > nowMs - windowMs).sort((one, other) => one.at - other.at);
    this.#refusals = new Map(kept.slice(-refusalCount).map((refusal) => [refusal.id, refusal]));
    this.#changes = [...this.#changes, ...changes].slice(-changeCount);
    return { refusals, changes };
  }

  all(): { refusals: Named<Refusal>[]; changes: Named<Change>[] } {
    return { refusals: [...this.#refusals.values()], changes: this.#changes };
  }

  #forgetProcesses(reports: readonly ActivityReport[]): void {
    const processes = new Set(reports.map(({ process }) => processName(process)));
    if (processes.size === 0) return;
    for (const process of this.#seen.keys()) if (!processes.has(process)) this.#seen.delete(process);
  }
}
