import { hash } from "node:crypto";

import type { SendCommand } from "./redis-client.ts";

/** A Lua script as Redis keeps it. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

export function redisScript(source: string): RedisScript {
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
