/** A service in a process of its own, so that a kill is a kill. This file is what the process runs. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { freePort } from "@aivillage/testing";

export class Replica {
  #process: ChildProcess | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it listens, at the same port each time. */
  async start(): Promise<this> {
    this.#port ||= await freePort();
    this.#process = fork(fileURLToPath(import.meta.url), [String(this.#port)]);
    await once(this.#process, "message");
    return this;
  }

  async kill(): Promise<void> {
    const gone = this.#process === undefined ? undefined : once(this.#process, "exit");
    this.#process?.kill("SIGKILL");
    await gone;
  }
}

function serve(port: number): void {
  const server = createServer((req, res) => void req.resume().on("end", () => setTimeout(() => res.end("ok"), 3)));
  server.listen(port, "127.0.0.1", () => process.send?.("listens"));
  process.on("disconnect", () => process.exit(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(Number(process.argv[2]));
