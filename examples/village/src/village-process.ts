import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const startMs = 60_000;
/** More than the 10 s that the gateway gives to requests under way. */
const stopMs = 12_000;
const endWithParent = new URL("end-with-parent.ts", import.meta.url).href;

/** What is started, and with what. */
export interface ProgramOptions {
  name: string;
  file: string;
  args?: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** One program in a process of its own, started the way this process was. */
export class VillageProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** How the process ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;

  constructor({ name, file, args = [], env }: ProgramOptions) {
    this.name = name;
    // In a process group of its own, so that Ctrl-C in a terminal reaches only the starter, which stops all in order.
    this.#child = fork(fileURLToPath(file), [...args], {
      env,
      detached: true,
      execArgv: [...process.execArgv, "--import", endWithParent],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.pid = this.#child.pid;
    this.ended = once(this.#child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  /**
   * Resolves when `GET url` is answered with a status below 400.
   *
   * @throws Error when the process ends first, or after a minute
   */
  async waitUntilHealthy(url: string): Promise<void> {
    await Promise.race([this.#poll(url), this.#endedEarly()]);
  }

  async #endedEarly(): Promise<never> {
    throw new Error(`The ${this.name} ended while it was starting (${await this.ended}); what it said is above.`);
  }

  async #poll(url: string): Promise<void> {
    const deadline = performance.now() + startMs;
    while (this.#runs()) {
      const status = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
        async (response) => {
          await response.body?.cancel();
          return response.status;
        },
        () => undefined,
      );
      if (status !== undefined && status < 400) return;
      if (performance.now() > deadline) {
        throw new Error(`The ${this.name} is not healthy after ${startMs / 1_000} s: GET ${url} gives ${status ?? "no answer"}.`);
      }
      await delay(50);
    }
    await this.#endedEarly();
  }

  /** Ends the process: SIGTERM, and SIGKILL 12 s later. */
  async stop(): Promise<void> {
    if (!this.#runs()) return;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), stopMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    if (this.#runs()) this.#child.kill("SIGKILL");
  }

  #runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
