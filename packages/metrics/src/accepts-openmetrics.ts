/**
 * Whether a scraper asks for OpenMetrics 1.0.0 by its `Accept` header, and not for the Prometheus text format more.
 *
 * Ranges with `*` mean whatever the server likes, which is the Prometheus text format.
 */
export function acceptsOpenMetrics(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.toLowerCase().split(",").map(readRange);
  const weightOf = (type: string): number => Math.max(0, ...ranges.filter((range) => range.type === type).map(({ weight }) => weight));
  const weight = weightOf("application/openmetrics-text");
  return weight > 0 && weight >= weightOf("text/plain");
}

interface Range {
  readonly type: string;
  /** 0 for what this server cannot write. */
  readonly weight: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const valueOf = (name: string): string | undefined => parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  const isKnown = ["1.0.0", undefined].includes(valueOf("version")?.replaceAll('"', "")) || type === "text/plain";
  const weight = Number(valueOf("q") ?? 1);
  return { type, weight: isKnown && weight >= 0 && weight <= 1 ? weight : 0 };
}
