import { setTimeout as delay } from "node:timers/promises";

import { redisClient, redisProblem } from "../config/options/redis-client.ts";
import { RedisConnection } from "./redis-connection.ts";

/** A store that outlives a reload. */
export interface OpenedStore<Store> {
  readonly store: Store;
  /** Resolves when Redis has responded, failed or timed out; at once without Redis. */
  readonly ready: Promise<unknown>;
  close(): void;
}

/** How long the start waits for Redis. What is served before Redis is up, this gateway decides by itself. */
const readyMs = 1_000;

/** A store of the embedding program, which closes it itself. */
export function givenStore<Store>(store: Store): OpenedStore<Store> {
  return { store, ready: Promise.resolve(), close: () => undefined };
}

/** A store in this process. */
export function localStore<Store extends { close(): void }>(store: Store): OpenedStore<Store> {
  return { store, ready: Promise.resolve(), close: () => store.close() };
}

/** A client for what gateways share: what cannot be sent now fails now, so that this gateway can decide by itself. */
function failFastClient(url: string) {
  return redisClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 1_000, reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, 1_000) },
  });
}

/** How a store in the Redis or Valkey of `REDIS_URL` is opened. */
interface RedisStoreOptions<Store> {
  readonly url: string;
  readonly make: (client: RedisConnection) => Store;
  /** Receives why Redis could not be asked, without what may be secret. */
  readonly onError: (reason: string) => void;
  /** Redis is up, also after an outage. */
  readonly onUp?: () => void;
}

/** A store that gateways share, on its own connection. While Redis is down, the store reports it by an event. */
export function redisStore<Store extends { close(): void; ready?(): Promise<unknown> }>(
  options: RedisStoreOptions<Store>,
): OpenedStore<Store> {
  const { url, make, onError, onUp = () => undefined } = options;
  const { promise: failed, resolve: fail } = Promise.withResolvers<void>();
  const onClientError = (error: Error): void => {
    fail();
    onError(redisProblem(error));
  };
  const connection = new RedisConnection(() => failFastClient(url).on("ready", onUp).on("error", onClientError));
  const store = make(connection);
  const greeted = connection.connect().then(
    () => store.ready?.(),
    () => undefined,
  );
  return {
    store,
    ready: Promise.race([greeted, failed, delay(readyMs, undefined, { ref: false })]),
    close: () => {
      store.close();
      connection.close();
    },
  };
}
