import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import type { Variables } from "../../config/loader/environment.ts";
import { CommandError } from "../cli-error.ts";
import type { Member } from "./members.ts";

/** A machine that is busy with other work may need a minute. */
const startMs = 180_000;
/** More than the 10 s that the gateway gives to requests in progress. */
const stopMs = 12_000;

/** Loaded into every process of the demo: it ends with the process that started it, even if that one is killed. */
const endWithParent =
  'data:text/javascript,process.once("disconnect", () => process.kill(process.pid, "SIGTERM")); process.channel?.unref();';

/** One member in its own process, started the way this process was. */
export class DemoProcess {
  readonly pid: number | undefined;
  /** How the process ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #name: string;
  readonly #child: ChildProcess;

  constructor({ name, program: [file, ...args] }: Member, env: Variables) {
    this.#name = name;
    // In its own process group, so that Ctrl-C in a terminal reaches only the starter, which stops all in order.
    this.#child = fork(file, args, {
      env,
      detached: true,
      execArgv: [...process.execArgv, "--import", endWithParent],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.pid = this.#child.pid;
    this.ended = once(this.#child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  /**
   * Resolves when `GET url` returns a status below 400.
   *
   * @throws CommandError when the process ends first, or after three minutes
   */
  async waitUntilHealthy(url: string): Promise<void> {
    await Promise.race([this.#poll(url), this.#endedEarly()]);
  }

  async #endedEarly(): Promise<never> {
    throw new CommandError(`the ${this.#name} ended while it was starting (${await this.ended}); its output is above`);
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
        const got = status ?? "no response";
        throw new CommandError(`the ${this.#name} is not healthy after ${startMs / 1_000} s: GET ${url} returns ${got}`);
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
