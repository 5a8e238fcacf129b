import { event } from "@aivillage/middleware";

/** A metric has as many label combinations as it may; from now on new ones are counted together under `_OVERFLOW`. */
export interface SeriesLimitReached {
  /** Name of the metric. */
  metric: string;
  maxSeries: number;
}

/** Published once per metric, and again only after the registry's metrics were reset. */
export const seriesLimitReached = event<SeriesLimitReached>("aivillage:metrics:series-limit-reached");

/** The value of every label of the series that takes what finds no place of its own. */
export const overflowLabel = "_OVERFLOW";

/** A label value is cut to this many UTF-16 code units. */
const maxLabelLength = 128;

const separator = "\0";

/** The numbers of one label combination. */
export interface Series<C> {
  readonly labels: Readonly<Record<string, string>>;
  readonly cell: C;
}

/** All series of one metric, at most `maxSeries`. */
export interface SeriesTable<C> {
  /** The numbers of this label combination; made when new, or those of the overflow series when there is no place left. */
  cell(values: readonly string[]): C;
  all(): Iterable<Series<C>>;
  clear(): void;
}

interface Shape {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly maxSeries: number;
}

export function makeSeriesTable<C>({ name, labelNames, maxSeries }: Shape, makeCell: () => C): SeriesTable<C> {
  const byKey = new Map<string, Series<C>>();
  const overflowValues = labelNames.map(() => overflowLabel);
  const overflowKey = overflowValues.join(separator);
  let limitTold = false;

  function add(key: string, values: readonly string[]): C {
    const labels = Object.fromEntries(labelNames.map((labelName, position) => [labelName, values[position] ?? ""]));
    const cell = makeCell();
    byKey.set(key, { labels, cell });
    return cell;
  }

  function addOrOverflow(key: string, values: readonly string[]): C {
    // One place is kept for the overflow series, whether it is in use or not.
    const taken = byKey.size - (byKey.has(overflowKey) ? 1 : 0);
    if (taken < maxSeries - 1) return add(key, values);
    if (!limitTold && seriesLimitReached.heard) seriesLimitReached.publish({ metric: name, maxSeries });
    limitTold = true;
    return byKey.get(overflowKey)?.cell ?? add(overflowKey, overflowValues);
  }

  /** Only cleaned keys are stored, so a key that is found without cleaning was clean. */
  function cleanCell(values: readonly string[]): C {
    if (values.length !== labelNames.length) {
      throw new TypeError(`${name}: ${labelNames.length} label values expected (${labelNames.join(", ")}), got ${values.length}`);
    }
    const clean = values.map(cleanLabel);
    const key = clean.join(separator);
    return byKey.get(key)?.cell ?? addOrOverflow(key, clean);
  }

  function clear(): void {
    byKey.clear();
    limitTold = false;
    // A metric without labels is there from the start, so that its first increase is seen as one.
    if (labelNames.length === 0) add("", []);
  }

  clear();
  return {
    cell: (values) => byKey.get(values.join(separator))?.cell ?? cleanCell(values),
    all: () => byKey.values(),
    clear,
  };
}

/** Two values that would look alike on the wire become one here, since a scrape with a series twice is refused as a whole. */
function cleanLabel(value: unknown): string {
  return String(value).slice(0, maxLabelLength).toWellFormed().replaceAll(separator, "\uFFFD");
}
