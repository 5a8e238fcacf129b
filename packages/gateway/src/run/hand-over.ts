import cluster from "node:cluster";

import { replyToWorkers, FileSnapshot, PrimaryCalls, type SnapshotEntries } from "@aivillage/middleware";

import { markChecked } from "../config/check-config.ts";
import { isMarked } from "../config/loader/environment.ts";
import { originOf, setOrigin, type SourceFile } from "../config/loader/source-files.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/** Set in a worker: it asks its primary for the configuration. */
export const workerMark = "AIVILLAGE_GATEWAY_WORKER";

/** Whether this process is a worker of a gateway. Process managers run programs as workers too, whose primary knows nothing of gateways. */
export const isGatewayWorker = (): boolean => cluster.isWorker && isMarked(workerMark);

const messageType = "aivillage:gateway.config";

interface HandedOver {
  readonly config: GatewayConfig;
  readonly files: readonly SourceFile[];
  readonly snapshot: SnapshotEntries;
  readonly keys: SnapshotEntries | undefined;
}

/** What is in force in the primary. */
export interface PrimaryConfig {
  readonly config: GatewayConfig;
  /** What the keys file held when it was accepted last. */
  readonly keys: FileSnapshot | undefined;
}

/**
 * In the primary: gives each worker that asks the configuration in force. A worker that takes the place of another one must not start
 * with files that a reload has refused, such as an emptied one.
 */
export function handOver(inForce: PrimaryConfig): void {
  replyToWorkers<null, HandedOver>(messageType, () => {
    const { config, keys } = inForce;
    const { files, snapshot } = originOf(config);
    return { config, files, snapshot: snapshot?.entries ?? [], keys: keys?.entries };
  });
}

/** In a worker: what the primary has loaded and checked. */
export async function receiveConfig(): Promise<GatewayConfig> {
  const primary = new PrimaryCalls<null, HandedOver>(messageType);
  const { config, files, snapshot, keys } = await primary.ask(null);
  primary.close();
  setOrigin(config, {
    files,
    snapshot: new FileSnapshot(snapshot),
    ...(keys !== undefined && { keys: new FileSnapshot(keys) }),
  });
  markChecked(config);
  return config;
}
