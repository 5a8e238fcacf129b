import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { endProcess } from "./when-closed.ts";

/** An HTTP server at 127.0.0.2 with a full queue for connections: the system asks for the next one again after a second. */
export interface BusyListener extends AsyncDisposable {
  readonly port: number;
  /** Lets it accept connections again. */
  goOn(): void;
}

/** Starts a server in its own process, and stops that until its queue is full. If that is taken for full too early, the next connection is fast. */
export async function busyListener(): Promise<BusyListener> {
  const child = fork(new URL("busy-listener.process.ts", import.meta.url));
  const waiting: Socket[] = [];
  const [port] = (await once(child, "message")) as [number];
  child.kill("SIGSTOP");
  for (let isFull = false; !isFull && waiting.length < 64;) {
    const socket = connect(port, "127.0.0.2").on("error", () => undefined);
    waiting.push(socket);
    isFull = await Promise.race([
      once(socket, "connect").then(() => false),
      new Promise<true>((resolve) => setTimeout(resolve, 200, true)),
    ]);
  }
  return {
    port,
    goOn: () => void child.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      await endProcess(child);
    },
  };
}
