import type { CaseResult } from "../bench.ts";
import { cases } from "../cases.ts";
import { contestants } from "../contestants/contestants.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import { formatNumber } from "./table.ts";

interface Bar {
  readonly label: string;
  readonly kind: string;
  readonly rate: Spread;
}

const [width, labelWidth, valueWidth, barHeight, gap, titleHeight] = [760, 200, 90, 20, 8, 44];
const barSpace = width - labelWidth - valueWidth;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .label { text-anchor: end }
  rect { fill: #8c959f }
  .ours { fill: #0969da }
  .proxy { fill: #d0d7de }
  line { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    rect { fill: #6e7681 }
    .ours { fill: #4493f8 }
    .proxy { fill: #3d444d }
    line { stroke: #e6edf3 }
  }`;

/** A bar chart as SVG, readable on light and dark pages: a group for each case with peers, a thin line from least to greatest round. */
export function drawChart(found: readonly CaseResult[]): string {
  const groups = found.map((each) => ({ title: titleOf(each), bars: barsOf(each) })).filter(({ bars }) => bars.length > 1);
  let top = 0;
  const drawn = groups.map(({ title, bars }) => {
    const group = drawGroup(title, bars, top);
    top += titleHeight + bars.length * (barHeight + gap);
    return group;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + gap}" width="${width}" role="img" aria-label="Throughput of the gateway and its peers">
<style>${style}
</style>
${drawn.join("\n")}
</svg>
`;
}

function titleOf({ case: id }: CaseResult): string {
  const each = cases.find((known) => known.id === id);
  return each === undefined ? id : `${each.title}: ${each.unit}/s`;
}

function barsOf({ results }: CaseResult): Bar[] {
  return results
    .filter(({ samples, failure }) => samples.length > 0 && failure === undefined)
    .map(({ contestant: id, samples }) => {
      const contestant = contestants.find((known) => known.id === id);
      return {
        label: contestant?.label ?? id,
        kind: contestant?.kind ?? "",
        rate: spreadOf(samples.map(({ perSecond }) => perSecond)),
      };
    });
}

function drawGroup(title: string, bars: readonly Bar[], top: number): string {
  const scale = barSpace / Math.max(...bars.map(({ rate }) => rate.max));
  const rows = bars.map((bar, index) => drawBar(bar, scale, top + titleHeight + index * (barHeight + gap)));
  return `<text class="title" x="8" y="${top + titleHeight - 14}">${escape(title)}</text>\n${rows.join("\n")}`;
}

function drawBar({ label, kind, rate }: Bar, scale: number, top: number): string {
  const [base, middle] = [top + barHeight - 5, top + barHeight / 2];
  const at = (value: number): string => (labelWidth + value * scale).toFixed(1);
  return `<text class="label" x="${labelWidth - 8}" y="${base}">${escape(label)}</text>
<rect class="${kind}" x="${labelWidth}" y="${top}" width="${(rate.median * scale).toFixed(1)}" height="${barHeight}" rx="3"/>
<line x1="${at(rate.min)}" x2="${at(rate.max)}" y1="${middle}" y2="${middle}"/>
<text x="${(labelWidth + rate.max * scale + 8).toFixed(1)}" y="${base}">${formatNumber(rate.median)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
