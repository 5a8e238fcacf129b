import { type Aggregator, type MetricFamily, type MetricSample, seriesKey } from "../family.ts";

type Reduce = (values: readonly number[]) => number;

const sum: Reduce = (values) => values.reduce((total, value) => total + value, 0);

const reducers: Readonly<Record<Exclude<Aggregator, "newest" | "omit">, Reduce>> = {
  sum,
  first: ([first = 0]) => first,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  average: (values) => sum(values) / values.length,
};

interface Gathered {
  readonly family: MetricFamily;
  readonly samples: Map<string, MetricSample[]>;
}

/** Counts and what is made of counts add up, whatever their aggregator is. */
export function isCount({ type }: Pick<MetricFamily, "type">): boolean {
  return type === "counter" || type === "histogram";
}

/** Makes the metrics of several workers one: counters and histograms are added, gauges by their `aggregator`. */
export function sumFamilies(parts: readonly (readonly MetricFamily[])[]): MetricFamily[] {
  const gathered = new Map<string, Gathered>();
  for (const family of parts.flat()) {
    if (family.aggregator === "omit") continue;
    const { samples } = gathered.get(family.name) ?? addFamily(gathered, family);
    for (const sample of family.values) {
      const key = seriesKey(sample);
      const alike = samples.get(key);
      if (alike === undefined) samples.set(key, [sample]);
      else alike.push(sample);
    }
  }
  return [...gathered.values()].map(reduceFamily);
}

function addFamily(gathered: Map<string, Gathered>, family: MetricFamily): Gathered {
  const made: Gathered = { family, samples: new Map() };
  gathered.set(family.name, made);
  return made;
}

function reduceFamily({ family, samples }: Gathered): MetricFamily {
  if (family.aggregator === "newest" && !isCount(family)) return { ...family, values: [...samples.values()].flatMap(newest) };
  const reduce = isCount(family) ? sum : (reducers[family.aggregator as keyof typeof reducers] ?? sum);
  return { ...family, values: [...samples.values()].map((alike) => reduceSample(alike, reduce)) };
}

function reduceSample(alike: readonly MetricSample[], reduce: Reduce): MetricSample {
  const [{ labels, metricName } = { labels: {}, metricName: undefined }] = alike;
  const exemplars = alike.flatMap(({ exemplar }) => exemplar ?? []);
  const exemplar = exemplars.reduce(
    (latest, each) => (each.timestamp > latest.timestamp ? each : latest),
    exemplars[0] as (typeof exemplars)[0],
  );
  const value = reduce(alike.map((sample) => sample.value));
  return { value, labels, metricName, exemplar: exemplars.length === 0 ? undefined : exemplar };
}

/** The sample that was set last. Of those set at the same time it is the lowest, so that the choice does not change between scrapes. */
function newest([first, ...others]: readonly MetricSample[]): readonly MetricSample[] {
  if (first === undefined) return [];
  return [others.reduce((best, each) => (isNewer(each, best) ? each : best), first)];
}

function isNewer(sample: MetricSample, than: MetricSample): boolean {
  const ahead = (sample.setAt ?? 0) - (than.setAt ?? 0);
  return ahead > 0 || (ahead === 0 && sample.value < than.value);
}
