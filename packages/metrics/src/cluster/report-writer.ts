import { type MetricFamily, type MetricSample, seriesKey } from "../family.ts";
import type { Report } from "./messages.ts";

interface Known {
  readonly id: number;
  value: number;
  setAt: number | undefined;
  /** The report in which it was last seen. */
  round: number;
}

type Draft = { [K in keyof Report]: Report[K] extends readonly (infer E)[] ? E[] : Report[K] };

/** Writes reports of metrics, each with what has changed since the one before. */
export class ReportWriter {
  readonly #known = new Map<string, Map<string, Known>>();
  #lastId = 0;
  #round = 0;
  #isFirst = true;

  /** Makes the next report a first one, with everything in it. */
  restart(): void {
    this.#known.clear();
    this.#isFirst = true;
  }

  write(families: readonly MetricFamily[]): Report {
    const report: Draft = { isFirst: this.#isFirst, families: [], series: [], values: [], gone: [] };
    this.#isFirst = false;
    this.#round += 1;
    for (const family of families) {
      const known = this.#knownOf(family, report);
      for (const sample of family.values) this.#writeSample(family.name, sample, known, report);
    }
    this.#forgetUnseen(report);
    return report;
  }

  #knownOf({ name, help, type, aggregator = "sum" }: MetricFamily, report: Draft): Map<string, Known> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Known>();
    this.#known.set(name, made);
    report.families.push({ name, help, type, aggregator });
    return made;
  }

  #writeSample(family: string, sample: MetricSample, known: Map<string, Known>, report: Draft): void {
    const { value, metricName = null, labels, setAt } = sample;
    const key = seriesKey(sample);
    const before = known.get(key);
    const now = before ?? { id: (this.#lastId += 1), value, setAt, round: 0 };
    if (before === undefined) {
      known.set(key, now);
      report.series.push([now.id, family, metricName, labels]);
    }
    now.round = this.#round;
    if (before !== undefined && Object.is(before.value, value) && before.setAt === setAt) return;
    now.value = value;
    now.setAt = setAt;
    report.values.push(toReported(now.id, sample));
  }

  #forgetUnseen(report: Draft): void {
    for (const known of this.#known.values()) {
      for (const [key, { id, round }] of known) {
        if (round === this.#round) continue;
        known.delete(key);
        report.gone.push(id);
      }
    }
  }
}

function toReported(id: number, { value, exemplar, setAt }: MetricSample): Report["values"][number] {
  const sent = Number.isFinite(value) ? value : String(value);
  if (setAt !== undefined) return [id, sent, exemplar ?? null, setAt];
  return exemplar === undefined ? [id, sent] : [id, sent, exemplar];
}
