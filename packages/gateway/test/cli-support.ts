import { runCli } from "../src/cli/run-cli.ts";

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command gets beside its arguments. */
export interface CliSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. Default: empty. */
  readonly input?: string;
  /** The time, in milliseconds since the epoch. Default: the time. */
  readonly at?: number;
}

/** Runs a command line in this process, without the environment of this process. */
export async function cli(args: readonly string[], { env = {}, input = "", at }: CliSurroundings = {}): Promise<Ended> {
  const printed = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof printed) => ({ write: (text: string) => void (printed[name] += text) });
  const stdin = (async function* () {
    yield Buffer.from(input);
  })();
  const code = await runCli(args, {
    stdin,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env,
    ...(at !== undefined && { now: () => at }),
  });
  return { code, ...printed };
}
