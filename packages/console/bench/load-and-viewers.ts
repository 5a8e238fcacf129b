/** Run as a process of its own: `load URL` sends 2,000 requests per second, `view URL` follows the stream of a console. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";

export const perSecond = 2_000;

/** An open loop: every 5 ms the requests that are due. What a busy machine has kept from being sent is left out. */
function load(url: string): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const start = performance.now();
  let sent = 0;
  process.send?.("ready");
  setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1_000) * perSecond);
    for (sent = Math.max(sent, due - 50); sent < due; sent += 1) {
      get(`${url}/route-${sent % 20}`, { agent }, (res) => res.resume()).on("error", () => undefined);
    }
  }, 5);
}

function view(url: string): void {
  get(url, (res) => {
    res.resume();
    process.send?.("ready");
  });
}

/** Starts a process that sends requests to `url`, or one that views the stream at it. Disposing of it ends the process. */
export async function startChild(kind: "load" | "view", url: string): Promise<AsyncDisposable> {
  const child: ChildProcess = fork(import.meta.filename, [kind, url], { execArgv: process.execArgv });
  await once(child, "message");
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, "exit");
    },
  };
}

if (import.meta.main) {
  const [, , kind, url = ""] = process.argv;
  if (kind === "load") load(url);
  else view(url);
}
