import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { attackTable, type Evaluation, innocentTable } from "./report.ts";
import { count, isRefused, percent, type Rate } from "./tables.ts";

const root = join(import.meta.dirname, "../../..");

/** Puts the figures between the markers of the documentation, which then agrees with itself. */
export function writeFigures(evaluation: Evaluation): void {
  const tables = `${attackTable(evaluation.judged, "main")}\n${innocentTable(evaluation, "main")}`;
  replace(join(root, "docs/screening.md"), "figures", tables);
  replace(join(root, "packages/screening/README.md"), "figures", `${summary(evaluation)}\n`);
}

function replace(file: string, name: string, content: string): void {
  const text = readFileSync(file, "utf8");
  const block = new RegExp(`(<!-- evaluate: ${name} -->\\n)[^]*?(<!-- end -->)`);
  if (!block.test(text)) throw new Error(`${file} has no block of ${name}`);
  writeFileSync(
    file,
    text.replace(block, (_, start: string, end: string) => `${start}\n${content}\n${end}`),
  );
}

function summary({ judged }: Evaluation): string {
  const rates = count(judged, isRefused);
  const share = ({ hits, all }: Rate): string => `${percent(hits / all)} %`;
  const of = (name: string, what: string): string => `${share(rates.of(name))} of ${rates.of(name).all.toLocaleString("en")} ${what}`;
  return [
    `Of ${rates.of("alone").all.toLocaleString("en")} labelled attacks that leave a data context, \`prose\` finds ${share(rates.of("alone"))}, and ${share(rates.of("after"))} after a question.`,
    `It refuses ${of("group prose", "innocent questions and other prose")}, ${of("group everyday", "everyday prompts and replies")}, and`,
    `${of("group technical", "code questions, snippets and Markdown texts")}. These figures are cross-validated by source: each text is`,
    `judged by a model that saw nothing of its source, at limits chosen on other sources.`,
  ].join("\n");
}
