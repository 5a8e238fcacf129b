import { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import type { Duplex, Readable, Writable } from "node:stream";
import { inspect } from "node:util";

import { hangAfterMs } from "./eventually.ts";

export type Closing = ChildProcess | Readable | Writable | Duplex;

/**
 * Resolves when a socket, stream or child process has closed, at once when it closed before. An error such as a reset counts as
 * closing. Rejects after `withinMs` (default 240000) with the last state seen.
 */
export async function whenClosed(what: Closing, withinMs = hangAfterMs): Promise<void> {
  if (isClosed(what)) return;
  const limit = AbortSignal.timeout(withinMs);
  const ignore = (): void => undefined;
  what.on("error", ignore);
  try {
    await new Promise<void>((resolve, reject) => {
      what.once("close", resolve);
      limit.addEventListener("abort", () => reject(new Error(`not closed within ${withinMs} ms; last seen: ${stateOf(what)}`)));
    });
  } finally {
    what.off("error", ignore);
  }
}

/** Kills a child process, a stopped one too, and resolves when it is gone. For disposers: never rejects because it had ended. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function isClosed(what: Closing): boolean {
  if (what instanceof ChildProcess) {
    return (what.exitCode !== null || what.signalCode !== null) && what.stdio.every((stream) => stream?.destroyed !== false);
  }
  return what.closed;
}

function stateOf(what: Closing): string {
  if (what instanceof ChildProcess) {
    const { pid, exitCode, signalCode, killed } = what;
    return inspect({ pid, exitCode, signalCode, killed });
  }
  const { destroyed, errored } = what;
  return inspect(what instanceof Socket ? { state: what.readyState, destroyed, bytesRead: what.bytesRead } : { destroyed, errored });
}
