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

/** The numbers of one label combination. */
export interface Series<C> {
  readonly labels: Readonly<Record<string, string>>;
  readonly cell: C;
}

/** All series of one metric, at most `maxSeries`. */
export interface SeriesTable<C> {
  /** The numbers of this label combination; made when new, or those of the overflow series when there is no place left. */
  cell(values: readonly string[]): C;
  all(): readonly Series<C>[];
  readonly clear: () => void;
}

interface Shape {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly maxSeries: number;
}

/** One step of a look-up per label value: joining the values to one key would cost three times as much. */
interface Branch<C> {
  readonly next: Map<string, Branch<C>>;
  series: Series<C> | undefined;
}

export function makeSeriesTable<C>({ name, labelNames, maxSeries }: Shape, makeCell: () => C): SeriesTable<C> {
  const overflowValues = labelNames.map(() => overflowLabel);
  let root = makeBranch<C>();
  let list: Series<C>[] = [];
  let limitTold = false;

  function find(values: readonly string[]): C | undefined {
    let branch: Branch<C> | undefined = root;
    for (const value of values) {
      branch = branch.next.get(value);
      if (branch === undefined) return undefined;
    }
    return branch.series?.cell;
  }

  function add(values: readonly string[]): C {
    let branch = root;
    for (const value of values) {
      const next: Branch<C> = branch.next.get(value) ?? makeBranch();
      branch.next.set(value, next);
      branch = next;
    }
    const cell = makeCell();
    branch.series = { labels: Object.fromEntries(labelNames.map((label, place) => [label, values[place] ?? ""])), cell };
    list.push(branch.series);
    return cell;
  }

  function addOrOverflow(values: readonly string[]): C {
    // One place is kept for the overflow series, whether it is in use or not.
    const overflow = find(overflowValues);
    const taken = list.length - (overflow === undefined ? 0 : 1);
    if (taken < maxSeries - 1) return add(values);
    if (!limitTold && seriesLimitReached.hasSubscribers) seriesLimitReached.publish({ metric: name, maxSeries });
    limitTold = true;
    return overflow ?? add(overflowValues);
  }

  /** Only cleaned values are stored, so what is found without cleaning was clean. */
  function cleanCell(values: readonly string[]): C {
    if (values.length !== labelNames.length) {
      throw new TypeError(`${name}: ${labelNames.length} label values expected (${labelNames.join(", ")}), got ${values.length}`);
    }
    const clean = values.map(cleanLabel);
    return find(clean) ?? addOrOverflow(clean);
  }

  function clear(): void {
    root = makeBranch();
    list = [];
    limitTold = false;
    // A metric without labels is there from the start, so that its first increase is seen as one.
    if (labelNames.length === 0) add([]);
  }

  clear();
  return { cell: (values) => find(values) ?? cleanCell(values), all: () => list, clear };
}

function makeBranch<C>(): Branch<C> {
  return { next: new Map(), series: undefined };
}

/** Two values that would look alike on the wire become one here, since a scrape with a series twice is refused as a whole. */
function cleanLabel(value: unknown): string {
  return String(value).slice(0, maxLabelLength).toWellFormed().replaceAll("\0", "\uFFFD");
}
