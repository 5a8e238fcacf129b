import { hash } from "node:crypto";

import type { SendCommand } from "./redis-client.ts";

/** A Lua script as Redis keeps it. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

/**
 * A script that Redis runs only while it takes writes, also on no names: with the first line, a replica, a full memory or a disk that
 * cannot be written refuses it before it begins. So a store that asks by scripts notices at once that it can no longer count.
 */
export function redisScript(body: string): RedisScript {
  const source = `#!lua\n${body}`;
  return { source, sha: hash("sha1", source) };
}

/** Runs a script by its digest, and sends its source if Redis does not know it. */
export async function runScript(
  send: SendCommand,
  { source, sha }: RedisScript,
  names: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(names.length), ...names, ...args];
  try {
    return await send(names[0], ["EVALSHA", sha, ...rest]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) throw error;
    return send(names[0], ["EVAL", source, ...rest]);
  }
}
