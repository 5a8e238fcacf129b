import cluster, { type Worker } from "node:cluster";

import { FileSnapshot, type SnapshotEntries } from "@aivillage/middleware";

import { markChecked } from "../config/check-config.ts";
import { originOf, setOrigin, type SourceFile } from "../config/loader/source-files.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/** Set in a worker: it asks its primary for the configuration. */
export const workerMark = "AIVILLAGE_GATEWAY_WORKER";

const [question, answer] = ["aivillage:config?", "aivillage:config"];

interface Answer {
  readonly type: typeof answer;
  readonly config: GatewayConfig;
  readonly files: readonly SourceFile[];
  readonly snapshot: SnapshotEntries;
  readonly keys: SnapshotEntries | undefined;
}

/** What is in force in the primary. */
export interface InForce {
  readonly config: GatewayConfig;
  /** What the keys file held when it was accepted last. */
  readonly keys: FileSnapshot | undefined;
}

/**
 * In the primary: gives each worker that asks the configuration in force. A worker that takes the place of another one must not start
 * with files that a reload has refused, such as an emptied one.
 */
export function handOver(inForce: InForce): void {
  cluster.on("message", (worker: Worker, message: { type?: unknown } | null) => {
    if (message?.type !== question || !worker.isConnected()) return;
    const { config, keys } = inForce;
    const { files, snapshot } = originOf(config);
    worker.send({ type: answer, config, files, snapshot: snapshot?.entries ?? [], keys: keys?.entries } satisfies Answer);
  });
}

/** In a worker: what the primary has loaded and checked. */
export async function receiveConfig(): Promise<GatewayConfig> {
  const { config, files, snapshot, keys } = await ask();
  setOrigin(config, {
    files,
    snapshot: new FileSnapshot(snapshot),
    ...(keys !== undefined && { keys: new FileSnapshot(keys) }),
  });
  markChecked(config);
  return config;
}

function ask(): Promise<Answer> {
  return new Promise((resolve) => {
    const onMessage = (message: Answer | { type?: unknown } | null): void => {
      if (!isAnswer(message)) return;
      process.off("message", onMessage);
      resolve(message);
    };
    process.on("message", onMessage);
    process.send?.({ type: question });
  });
}

function isAnswer(message: { type?: unknown } | null): message is Answer {
  return message?.type === answer;
}
