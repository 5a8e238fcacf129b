import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually, type RunningRedis, startRedis } from "@aivillage/testing";

/** One node that has all slots: it refuses a call with keys of two slots as any cluster does. */
export async function startCluster(): Promise<RunningRedis> {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-redis-"));
  const redis = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--dir", folder);
  await redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  // A new node waits for two seconds before it serves.
  await eventually(async () => String(await redis.command("CLUSTER", "INFO")).includes("cluster_state:ok"), "the cluster serves");
  return {
    ...redis,
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
