import { type ChildProcess, spawn } from "node:child_process";

import { childEnv, endWithProcess, freePort, eventually, gatewayProgram, hangAfterMs } from "@aivillage/testing";

/** Long enough for the production checks. */
export const apiKey = "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1";

/** A gateway in a process of its own, with its workers if it has any. */
export interface GatewayProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  readonly url: string;
  /** Resolves with the exit code, or `null` for a signal, once its workers have ended too. */
  readonly ended: Promise<number | null>;
  /** The log lines with this message. */
  lines(message: string): Record<string, unknown>[];
  /** Waits until the log has so many lines with this message. `withinMs` is for what takes long by itself. */
  told(message: string, times?: number, withinMs?: number): Promise<void>;
  output(): string;
}

/** How to start it: `env` beside what every gateway here needs, `nodeOptions` for every process of it. */
export interface GatewayProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly config?: string;
}

/**
 * Starts the gateway from its sources on a free port and waits until all its workers listen. Rejects with what it printed when it
 * ends before. At its end its key must not stand in anything it printed.
 */
export async function startGatewayProcess({ env = {}, nodeOptions = [], config }: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  const workers = Number(env["WORKERS"] ?? 1);
  const port = Number(env["GATEWAY_PORT"] ?? (await freePort()));
  const child = spawn(process.execPath, [gatewayProgram(), "start", ...(config === undefined ? [] : ["--config", config])], {
    env: childEnv({
      NODE_OPTIONS: ["--conditions=@aivillage/source", ...nodeOptions].join(" "),
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      API_KEY: apiKey,
      RATE_LIMIT_REQUESTS: "1000000000",
      LOG_LINES_PER_SECOND: "1",
      ...env,
    }),
  });
  endWithProcess(child);
  let output = "";
  const log = new LogLines();
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = (message: string): Record<string, unknown>[] => log.of(output).filter(({ msg }) => msg === message);
  const told = async (message: string, times = 1, withinMs = hangAfterMs): Promise<void> => {
    const state = (): string => output.slice(-2_000);
    await eventually(() => lines(message).length >= times, `"${message}" ${times} times in the log`, { state, withinMs });
  };
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const listens = (): boolean => hasEnded() || lines("gateway listens").length >= workers;
  await eventually(listens, "all workers listen", { state: () => output }).finally(() => listens() || child.kill("SIGKILL"));
  if (hasEnded()) throw new Error(`the gateway ended with ${await ended}: ${output}`);
  return {
    child,
    port,
    url: `http://127.0.0.1:${port}`,
    ended,
    lines,
    told,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      if (output.includes(env["API_KEY"] ?? apiKey)) throw new Error("the gateway printed its key");
    },
  };
}

/** Parses each line of a growing output once. */
class LogLines {
  readonly #lines: Record<string, unknown>[] = [];
  #read = 0;

  of(output: string): readonly Record<string, unknown>[] {
    const end = output.lastIndexOf("\n") + 1;
    const whole = output.slice(this.#read, end).split("\n");
    this.#read = end;
    for (const line of whole) if (line.startsWith("{") && line.endsWith("}")) this.#lines.push(JSON.parse(line) as Record<string, unknown>);
    return this.#lines;
  }
}
