import { Cluster, Redis } from "ioredis";
import { createCluster, RedisClient as NodeRedis } from "redis";

import type { RedisClient } from "../../src/index.ts";

/** A client as a user would make it, and how to close it. */
export interface Connected extends AsyncDisposable {
  readonly client: RedisClient;
}

const ignore = (): void => undefined;

/** What `createClient()` does, but with one class for all clients: to make it takes tens of milliseconds. */
const createClient = NodeRedis.factory();

/** @param settings `disableOfflineQueue` makes a command fail that cannot be sent now */
export async function connectRedis(port: number, settings: { disableOfflineQueue?: boolean } = {}): Promise<Connected> {
  const client = createClient({ socket: { host: "127.0.0.1", port }, ...settings });
  client.on("error", ignore);
  await client.connect();
  return { client, [Symbol.asyncDispose]: async () => client.destroy() };
}

export async function connectIoredis(port: number): Promise<Connected> {
  const client = new Redis({ host: "127.0.0.1", port });
  client.on("error", ignore);
  return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
}

/** Both clients that are promised to work. */
export const clients = { redis: connectRedis, ioredis: connectIoredis };

/** The same for a cluster. */
export const clusterClients: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async redis(port) {
    const client = createCluster({ rootNodes: [{ socket: { host: "127.0.0.1", port } }] });
    client.on("error", ignore);
    await client.connect();
    return { client, [Symbol.asyncDispose]: async () => client.destroy() };
  },
  async ioredis(port) {
    const client = new Cluster([{ host: "127.0.0.1", port }]);
    client.on("error", ignore);
    return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
  },
};
