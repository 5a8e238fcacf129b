/**
 * The part of a Redis client that is used: a client or cluster of ioredis (`call`), or of the official package `redis`
 * (`sendCommand`).
 */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> }
  | { sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown> };

/** Sends a command; `key` decides to which node of a cluster. */
export type SendCommand = (key: string | undefined, args: readonly string[]) => Promise<unknown>;

type Send = (...args: unknown[]) => Promise<unknown>;

/** One way to send commands, whatever the client. */
export function toSendCommand(client: RedisClient, isCluster: boolean): SendCommand {
  if ("call" in client) return (_key, args) => (client.call as Send)(...args);
  const send = client.sendCommand.bind(client) as Send;
  return isCluster ? (key, args) => send(key, false, args) : (_key, args) => send(args);
}

/** Whether a value has the form of a client of `redis` or ioredis. */
export function isRedisClient(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { call, sendCommand } = value as { call?: unknown; sendCommand?: unknown };
  return typeof call === "function" || typeof sendCommand === "function";
}
