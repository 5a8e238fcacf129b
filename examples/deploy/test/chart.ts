import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { fetchedHelm } from "../tools/fetch-helm.ts";
import { kitFolder, yamlDocuments } from "./kit.ts";
import type { Manifest } from "./kubernetes-schemas.ts";

const helm = existsSync(fetchedHelm) ? fetchedHelm : "helm";
const isInstalled = spawnSync(helm, ["version"]).error === undefined;

/** Options of tests that need Helm, which renders a chart without a cluster. */
export const needsHelm = { skip: isInstalled ? false : "helm is not installed: run pnpm test:chart" };

const chart = join(kitFolder, "helm/aivillage-gateway");

/** What Helm makes of the chart as the release `gw`, with these values. @throws Error with what Helm writes */
export function renderChart(values: object): Manifest[] {
  return yamlDocuments(run("template", ["gw"], values)).filter((document) => document !== null) as Manifest[];
}

/** What `helm lint` writes about the chart with these values. */
export const lintChart = (values: object): string => run("lint", ["--strict"], values);

function run(command: string, args: readonly string[], values: object): string {
  // JSON is YAML.
  const input = JSON.stringify(values);
  return execFileSync(helm, [command, ...args, chart, "--values", "-"], { encoding: "utf8", input, stdio: "pipe" });
}
