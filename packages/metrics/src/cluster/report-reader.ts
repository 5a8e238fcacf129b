import type { Exemplar, MetricFamily } from "../family.ts";
import type { Report } from "./messages.ts";

interface ReadSample {
  value: number;
  exemplar: Exemplar | undefined;
  setAt: number | undefined;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName: string | undefined;
  readonly family: string;
}

/** The metrics of another process, as its reports describe them. */
export class ReportReader {
  readonly #families = new Map<string, Report["families"][number]>();
  readonly #samples = new Map<number, ReadSample>();
  #isEmpty = true;

  /** Takes a report; false when it builds on one that is not here, so that a first one is needed. */
  read(report: Report): boolean {
    if (this.#isEmpty && !report.isFirst) return false;
    if (report.isFirst) this.#samples.clear();
    this.#isEmpty = false;
    for (const family of report.families) this.#families.set(family.name, family);
    for (const [id, family, metricName, labels] of report.series) {
      this.#samples.set(id, { family, metricName: metricName ?? undefined, labels, value: 0, exemplar: undefined, setAt: undefined });
    }
    for (const [id, value, exemplar, setAt] of report.values) this.#update(id, Number(value), exemplar, setAt);
    for (const id of report.gone) this.#samples.delete(id);
    return true;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  families(): MetricFamily[] {
    const values = new Map<string, ReadSample[]>();
    for (const name of this.#families.keys()) values.set(name, []);
    for (const sample of this.#samples.values()) values.get(sample.family)?.push({ ...sample });
    return [...this.#families.values()].map(({ name, help, type, aggregator }) => ({
      name,
      help,
      type,
      aggregator,
      values: values.get(name) ?? [],
    }));
  }

  #update(id: number, value: number, exemplar: Exemplar | null | undefined, setAt: number | undefined): void {
    const sample = this.#samples.get(id);
    if (sample === undefined) return;
    sample.value = value;
    if (exemplar !== undefined && exemplar !== null) sample.exemplar = exemplar;
    sample.setAt = setAt;
  }
}
