import { cli, type Ended } from "./cli-support.ts";

/** Runs `penalties` in this process, with these environment variables. */
export async function runPenalties(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return await cli(["penalties", ...args], { env });
}
