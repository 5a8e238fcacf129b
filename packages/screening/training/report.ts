import { chooseLimits } from "./choose-limits.ts";
import type { Judged, JudgedFile } from "./cross-validate.ts";
import { isDoubtful } from "./doubtful-labels.ts";
import { count, countStrict, type Decide, format, isRefused, type Limits, markdownTable, percent, type Rate, Rates } from "./tables.ts";

export interface Evaluation {
  readonly judged: readonly Judged[];
  readonly judgedFiles: readonly JudgedFile[];
}

type Extent = "all" | "main";

const groups = ["prose", "everyday", "technical", "hard negatives"] as const;
const turns = 20;
/** Fewer texts than that say little about a class. */
const leastOfMain = 100;

const decide: Decide = isRefused;
const byDetectors: Decide = ({ counts }) => counts;

/** One line for each operating point around the chosen one, so that the choice can be seen. */
export function pointsTable(judged: readonly Judged[]): string {
  const line = (name: string, decideAt: Decide): string[] => {
    const rates = count(judged, decideAt);
    const cells = [rates.of("alone"), rates.of("after"), rates.of("kind natural"), ...groups.map((group) => rates.of(`group ${group}`))];
    return [name, ...cells.map(({ hits, all }) => percent(hits / all))];
  };
  const limits = chooseLimits(judged);
  const points = pointsAround(limits).map((point) => {
    const isChosen = Object.values(point).join() === Object.values(limits).join();
    return line(`${point.disagree} / ${point.certain} / ${point.unseen}${isChosen ? ", chosen" : ""}`, (each) => isRefused(each, point));
  });
  const header = ["limits", "caught alone", "after a question", "natural", ...groups];
  return markdownTable(header, [line("detectors only", byDetectors), line("chosen on the other folds", decide), ...points]);
}

function pointsAround({ disagree, certain, unseen }: Limits): Limits[] {
  return [-1, -0.5, 0, 0.5, 1, 2].flatMap((a) =>
    [-1, 0, 1].flatMap((b) => [-1, 0, 1, Infinity].map((c) => ({ disagree: disagree + a, certain: certain + b, unseen: unseen + c }))),
  );
}

export function attackTable(judged: readonly Judged[], extent: Extent): string {
  const rates = count(judged, decide);
  const before = count(judged, byDetectors);
  const strict = countStrict(judged);
  const classes = rates.names("alone ").toSorted((a, b) => rates.of(`alone ${b}`).all - rates.of(`alone ${a}`).all);
  const shown = classes.filter((name) => extent === "all" || rates.of(`alone ${name}`).all >= leastOfMain);
  const rows = ["", ...shown.map((name) => ` ${name}`)].map((name) => {
    const cells = [
      rates.of(`alone${name}`),
      rates.of(`after${name}`),
      rates.of(`after elsewhere${name}`),
      strict.of(`strict${name}`),
      before.of(`alone${name}`),
    ];
    return [name === "" ? "all classes" : name.trim(), String(rates.of(`alone${name}`).all)].concat(cells.map((cell) => format(cell)));
  });
  if (extent === "all") rows.push(rowWithoutDoubt(judged));
  const header = ["attacks", "texts", "caught alone", "after a question", "in another language", "in a strict field", "detectors alone"];
  return markdownTable(header, rows);
}

/** The same without what its list hardly calls an attack with reason; the rows above count everything. */
function rowWithoutDoubt(judged: readonly Judged[]): string[] {
  const certain = judged.filter(({ row: each }) => !isDoubtful(each));
  const [rates, before] = [count(certain, decide), count(certain, byDetectors)];
  const strict = countStrict(certain).of("strict");
  const cells = [rates.of("alone"), rates.of("after"), rates.of("after elsewhere"), strict, before.of("alone")].map((cell) => format(cell));
  return ["all classes, without doubtful labels", String(rates.of("alone").all), ...cells];
}

/** What is refused of innocent texts and files, and of conversations that consist of such texts. */
export function innocentTable({ judged, judgedFiles }: Evaluation, extent: Extent): string {
  const rates = count(judged, decide);
  const before = count(judged, byDetectors);
  const kinds = extent === "all" ? rates.names("kind ") : ["natural", "names", "shell-code"];
  const names = [...groups.map((group) => `group ${group}`), ...kinds.map((kind) => `kind ${kind}`)];
  const rows = names.map((name) => row(name.replace(/^\w+ /, ""), rates.of(name), format(before.of(name))));
  const quoted = [
    row("short attacks, quoted in a sentence about them", rates.of("explained"), format(before.of("explained"))),
    row("the same in twelve other languages", rates.of("elsewhere"), format(before.of("elsewhere"))),
  ];
  const all = [...rows, ...quoted, ...fileRows(judgedFiles), ...conversationRows(rates)];
  return markdownTable(["innocent", "texts", "refused", "by detectors"], all);
}

function fileRows(files: readonly JudgedFile[]): string[][] {
  const rates = new Rates();
  for (const { opinion, limits } of files) {
    rates.add(decide(opinion, limits), "prose");
    rates.add(decide(opinion, limits) && opinion.harms, "model");
    rates.add(opinion.counts, "detectors");
  }
  const detectors = format(rates.of("detectors"));
  return [
    row("whole source files, profile `model`", rates.of("model"), ""),
    row("whole source files, profile `prose`", rates.of("prose"), detectors),
  ];
}

/** Each text of a person is judged once, when it is the newest; any may be refused, and a reply is not judged. */
function conversationRows(rates: Rates): string[][] {
  const groupsOfTexts = [
    ["natural", rates.of("kind natural")],
    ["technical", rates.of("group technical")],
  ] as const;
  return groupsOfTexts.map(([name, rate]) => [
    `${name} conversations of ${turns} texts, any of them refused`,
    String(rate.all),
    format(rate, (share) => 1 - (1 - share) ** turns),
    "",
  ]);
}

function row(name: string, rate: Rate, detectors: string): string[] {
  return [name, String(rate.all), format(rate), detectors];
}
