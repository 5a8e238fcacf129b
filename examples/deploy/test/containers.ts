import { globSync, statSync } from "node:fs";
import { join, matchesGlob } from "node:path";

import { readFromRoot, root } from "@aivillage/testing";
import { Copy, DockerfileParser } from "dockerfile-ast";

/** One instruction of the Dockerfile, with the variables of `ARG` filled in. */
export interface Step {
  readonly keyword: string;
  /** What follows the keyword and its flags. */
  readonly text: string;
  /** The stage that a COPY takes from, instead of the build context. */
  readonly from: string | undefined;
}

/** A stage of the Dockerfile with the steps after its FROM. */
export interface Stage {
  readonly name: string;
  /** An image, or the name of a stage before. */
  readonly from: string;
  readonly steps: readonly Step[];
}

/** The stages of the Dockerfile in their order. */
export function readStages(): Stage[] {
  const stages: (Stage & { steps: Step[] })[] = [];
  const values = new Map<string, string>();
  for (const instruction of DockerfileParser.parse(readFromRoot("Dockerfile")).getInstructions()) {
    const keyword = instruction.getKeyword();
    const text = (instruction.getArgumentsContent() ?? "").replaceAll(/\$\{(\w+)\}/g, (_match, name: string) => values.get(name) ?? "");
    const [first = "", as = "", second = ""] = text.split(/ +|=/);
    if (keyword === "ARG") values.set(first, as);
    else if (keyword === "FROM") stages.push({ name: second, from: first, steps: [] });
    else
      stages.at(-1)?.steps.push({
        keyword,
        text,
        from: instruction instanceof Copy ? (instruction.getFromFlag()?.getValue() ?? undefined) : undefined,
      });
  }
  return stages;
}

/** The steps of a stage after those of the stages that it is made from. */
export function allSteps(name: string, stages: readonly Stage[] = readStages()): readonly Step[] {
  const stage = stages.find((each) => each.name === name);
  return stage === undefined ? [] : [...allSteps(stage.from, stages), ...stage.steps];
}

/** What the last instruction of a kind says; a list for one in the exec form. */
export function lastOf(steps: readonly Step[], keyword: string): string | readonly string[] {
  const text = steps.findLast((step) => step.keyword === keyword)?.text ?? "";
  return text.startsWith("[") ? (JSON.parse(text) as string[]) : text;
}

/** The variables of `ENV`. */
export function environmentOf(steps: readonly Step[]): Record<string, string> {
  const pairs = steps.filter(({ keyword }) => keyword === "ENV").map(({ text }) => text.split("=", 2));
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** The files that the build gets, by the rules of `.dockerignore`: the last pattern that matches decides. */
export function buildContext(): string[] {
  const patterns = readFromRoot(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const matching = patterns.flatMap((pattern) =>
    pattern.startsWith("!") ? globSync(pattern.slice(1), { cwd: root, exclude: noModules }) : [],
  );
  const isIncluded = (file: string): boolean =>
    patterns.findLast((pattern) => matchesGlob(file, pattern.replace(/^!/, "")))?.startsWith("!") ?? true;
  return [...new Set(matching)].filter((file) => isIncluded(file) && statSync(join(root, file)).isFile()).toSorted();
}

const noModules = ["**/node_modules/**"];
