import assert from "node:assert/strict";
import { test } from "node:test";

import { tableRows } from "../src/code-blocks.ts";
import { readFromRoot } from "../src/root.ts";
import { publishedPackages } from "../src/workspace.ts";

/** An option whose rule has a number, or true or false, for a default. */
interface Default {
  readonly option: string;
  readonly value: string;
}

/** The defaults of the rules in a source, of those that it names once. */
function defaultsIn(source: string): Default[] {
  const rules = [...source.matchAll(/^\s+(\w+): option\.(?:integer|boolean)\(([\d_]+|true|false)(?=[,)])/gm)];
  const found = rules.map(([, option = "", value = ""]) => ({ option, value: value.replaceAll("_", "") }));
  return found.filter(({ option }) => source.split(` ${option}: option.`).length === 2);
}

const units: Readonly<Record<string, number>> = { KiB: 1_024, MiB: 1_048_576 };

/** What a text says of a default: a number in digits, also in KiB or MiB, or true or false. */
function readDefault(text: string): string | undefined {
  const [, number, unit = "", word] = /^`?(?:(\d[\d,]*)(?: (KiB|MiB)\b)?|(true|false)\b)/.exec(text.trim()) ?? [];
  return number === undefined ? word : String(Number(number.replaceAll(",", "")) * (units[unit] ?? 1));
}

/** What the comment on an option says of its default; `undefined` where there is none, or several members have this name. */
function commented(source: string, option: string): string | undefined {
  const comments = [...source.matchAll(new RegExp(String.raw`/\*\*((?:(?!\*/)[^])*)\*/\s*(?:readonly )?${option}\?:`, "g"))];
  const text = comments[0]?.[1]?.replaceAll(/\s*\n\s*\*\s*/g, " ") ?? "";
  return comments.length === 1 ? readDefault(/\bdefault:? ([^]*)/i.exec(text)?.[1] ?? "") : undefined;
}

interface Comparison extends Default {
  readonly where: string;
  readonly said: string;
}

/** What comments on options and the tables of README say of the defaults of a package. Where several objects have an option of a name, neither is clear. */
function comparisons({ folder, sources, read }: (typeof publishedPackages)[number]): Comparison[] {
  const rows = tableRows(readFromRoot(`packages/${folder}/README.md`));
  const defaults = sources.map((source) => ({ source, found: defaultsIn(read(source)) }));
  const isOne = (option: string): boolean => defaults.flatMap(({ found }) => found.filter((each) => each.option === option)).length === 1;
  return defaults.flatMap(({ source, found }) =>
    found.flatMap(({ option, value }) => {
      const comment = commented(read(source), option);
      const same = rows.filter(([name]) => name === `\`${option}\``);
      const row = same.length === 1 && isOne(option) ? readDefault(same[0]?.[1] ?? "") : undefined;
      return [
        ...(comment === undefined ? [] : [{ option, value, where: source, said: comment }]),
        ...(row === undefined ? [] : [{ option, value, where: "README.md", said: row }]),
      ];
    }),
  );
}

const packages = publishedPackages.filter(({ folder }) => folder !== "gateway");

for (const each of packages) {
  test(`${each.folder} has the defaults that its comments and its README name`, () => {
    for (const { option, value, where, said } of comparisons(each)) assert.equal(said, value, `\`${option}\` in ${where}`);
  });
}

test("most defaults are compared, and a wrong one would be found", () => {
  assert.ok(packages.flatMap(comparisons).length >= 140);
  const source = "/** Waits. From 1, default 1 KiB. */\n  most?: number;\n  most: option.integer(1_025, { min: 1 }),";
  assert.deepEqual([defaultsIn(source), commented(source, "most")], [[{ option: "most", value: "1025" }], "1024"]);
});
