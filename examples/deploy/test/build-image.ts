import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "@aivillage/testing";

import { allSteps, buildContext, environmentOf, readStages, type Stage, type Step } from "./containers.ts";

/**
 * Builds the stages of the Dockerfile without Docker: each stage has a folder of its name for its root, COPY copies from the files that
 * `.dockerignore` leaves, or from another stage, and RUN runs in the folder of WORKDIR.
 *
 * Tells how long each command took. What an image brings along, Node and a shell, is that of this machine. Absolute paths in commands are moved into the folder.
 */
export function buildImages(folder: string): void {
  const stages = readStages();
  for (const stage of stages) buildStage(stage, { folder, stages });
}

interface Build {
  folder: string;
  stages: readonly Stage[];
}

function buildStage({ name, from, steps }: Stage, { folder, stages }: Build): void {
  const own = join(folder, name);
  mkdirSync(own);
  if (stages.some((stage) => stage.name === from)) copy(join(folder, from), own);
  let workdir = workdirOf(allSteps(from, stages));
  for (const step of steps) {
    if (step.keyword === "WORKDIR") workdir = step.text;
    mkdirSync(join(own, workdir), { recursive: true });
    if (step.keyword === "COPY") copyStep(step, { folder, own, workdir });
    if (step.keyword !== "RUN") continue;
    const startedAt = performance.now();
    runStep(step, { own, workdir, env: environmentOf(allSteps(name, stages)) });
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${step.text}`);
  }
}

export const workdirOf = (steps: readonly Step[]): string => steps.findLast(({ keyword }) => keyword === "WORKDIR")?.text ?? "/";

function copyStep({ text, from }: Step, { folder, own, workdir }: { folder: string; own: string; workdir: string }): void {
  const [source = "", target = ""] = text.split(" ");
  const to = target.startsWith("/") ? join(own, target) : join(own, workdir, target);
  if (from !== undefined) return copy(join(folder, from, source), to);
  if (source !== ".") return copy(join(root, source), to);
  for (const file of buildContext()) copy(join(root, file), join(to, file));
}

function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, verbatimSymlinks: true });
}

function runStep({ text }: Step, { own, workdir, env }: { own: string; workdir: string; env: Record<string, string> }): void {
  const command = text.replaceAll(/(?<=\s)\/(?=\w)/g, `${own}/`);
  const { PATH = "" } = process.env;
  const prefix = join(own, "usr/local");
  execFileSync("sh", ["-ec", command], {
    cwd: join(own, workdir),
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      // Of this machine: how it reaches the registry.
      ...process.env,
      ...env,
      // Node of this workspace, as the image has it; programs that are installed globally go into the folder.
      PATH: `${join(prefix, "bin")}:${dirname(process.execPath)}:${PATH}`,
      npm_config_prefix: prefix,
      CI: "true",
    },
  });
}
