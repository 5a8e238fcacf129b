import assert from "node:assert/strict";

/** One sample of a scrape. */
export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  /** `# TYPE` by metric name. */
  types: Map<string, string>;
  help: Map<string, string>;
  samples: ParsedSample[];
  /** The value of the one sample with this name and these labels; `undefined` when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
  /** All samples of this name. */
  named(name: string): ParsedSample[];
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** Reads the Prometheus text format 0.0.4 strictly: a line that is not of it, or a series that comes twice, fails the test. */
export function parseExposition(text: string): Exposition {
  assert.ok(text.endsWith("\n"), "the last line must end with a line feed");
  const types = new Map<string, string>();
  const help = new Map<string, string>();
  const samples: ParsedSample[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line === "# EOF") continue;
    const [, keyword, metric = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line) ?? [];
    if (keyword === "HELP") help.set(metric, rest);
    else if (keyword === "TYPE") types.set(metric, rest);
    else samples.push(parseSample(line));
  }
  const named = (name: string): ParsedSample[] => samples.filter((sample) => sample.name === name);
  const identities = samples.map(({ name, labels }) => identity(name, labels));
  assert.equal(new Set(identities).size, identities.length, "a series came twice");
  return {
    types,
    help,
    samples,
    named,
    value: (name, labels = {}) => samples.find((sample) => identity(sample.name, sample.labels) === identity(name, labels))?.value,
  };
}

function identity(name: string, labels: Record<string, string>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function parseSample(line: string): ParsedSample {
  const [, name = "", pairs = "", number = ""] = sampleLine.exec(line) ?? assert.fail(`no sample: ${line}`);
  const value = number === "+Inf" ? Infinity : Number(number);
  assert.ok(!Number.isNaN(value) || /^nan$/i.test(number), `no number: ${line}`);
  return { name, labels: parseLabels(pairs, line), value };
}

function parseLabels(pairs: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < pairs.length) {
    const [, key = "", escaped = ""] = labelPair.exec(pairs) ?? assert.fail(`bad labels: ${line}`);
    assert.ok(!Object.hasOwn(labels, key), `label twice: ${line}`);
    labels[key] = escaped.replaceAll(/\\(.)/g, (_whole, letter: string) => (letter === "n" ? "\n" : letter));
  }
  return labels;
}
