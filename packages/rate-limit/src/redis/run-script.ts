import type { SendCommand } from "./redis-client.ts";
import type { Script } from "./scripts.ts";

/** Runs a script by its digest, and sends it whole where Redis does not know it. */
export async function runScript(
  send: SendCommand,
  { source, sha }: Script,
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
