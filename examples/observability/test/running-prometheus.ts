import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endProcess, eventually, freePort } from "@aivillage/testing";

import { alertRules, readKit } from "./kit.ts";

const installed = ["prometheus", "promtool"].every((program) => spawnSync(program, ["--version"]).error === undefined);

/** Options of tests that need Prometheus. */
export const needsPrometheus = {
  skip: installed ? false : "prometheus and promtool are not installed: rules, dashboard and alerts were not run",
};

/** One series of a result. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus of its own, with the configuration of the kit. `await using` ends it and removes its data. */
export interface RunningPrometheus extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** Runs an instant query. */
  query(expr: string): Promise<Sample[]>;
  /** The alerts that fire now: the name, and the service behind it for those that name one. */
  firing(): Promise<string[]>;
}

/** Starts it with a scrape and an evaluation each second. */
export async function startPrometheus(gatewayPort: number, { hurried }: { hurried: boolean }): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "aivillage-prometheus-"));
  const config = readKit("prometheus.yml").replaceAll("15s", "1s").replace("localhost:8000", `127.0.0.1:${gatewayPort}`);
  await writeFile(join(folder, "prometheus.yml"), config);
  await writeFile(join(folder, "alerts.yml"), alertRules({ hurried }));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`];
  const child = spawn("prometheus", [...args, "--log.level=error"], { stdio: ["ignore", "ignore", "pipe"] });
  // A test that is cut off disposes of nothing.
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const problems: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => problems.push(text));

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    return data;
  }

  await untilReady(address, child, problems);
  return {
    url: `http://${address}`,
    async query(expr) {
      const { result } = await get<{ result: { metric: Sample["metric"]; value: [number, string] }[] }>(
        `query?${new URLSearchParams({ query: expr }).toString()}`,
      );
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async firing() {
      const data = await get<{ alerts: { state: string; labels: { alertname: string; service?: string } }[] }>("alerts");
      return data.alerts
        .filter(({ state }) => state === "firing")
        .map(({ labels: { alertname, service } }) => (service === undefined ? alertname : `${alertname} ${service}`));
    },
    async [Symbol.asyncDispose]() {
      await endProcess(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(address: string, child: ChildProcess, problems: readonly string[]): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const response = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true;
  };
  try {
    await eventually(async () => child.exitCode !== null || (await isReady()), "prometheus is ready", { state: () => problems });
    assert.equal(child.exitCode, null, `prometheus did not start: ${problems.join("")}`);
  } catch (error) {
    await endProcess(child);
    throw error;
  }
}
