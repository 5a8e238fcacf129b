import { runPenaltiesCommand } from "../src/cli/penalties/penalties-commands.ts";
import { loadConfig } from "../src/index.ts";

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `penalties` in this process, with these environment variables. */
export async function runPenalties(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const printed = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof printed) => ({ write: (text: string) => void (printed[name] += text) });
  const load = (sources: { file?: string }) => loadConfig({ ...sources, env });
  const code = await runPenaltiesCommand(args, { stdout: stream("stdout"), stderr: stream("stderr"), load });
  return { code, ...printed };
}
