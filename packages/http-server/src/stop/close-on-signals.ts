import { inspect } from "node:util";

import { option, optionError, readOptions, returns, withCheckedResult } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { signalGuard } from "./signal-guard.ts";

/** Options of `closeOnSignals()`. */
export interface CloseOnSignalsOptions {
  /** Called with the first signal, before `close`; write your log line here. Default: nothing is written. */
  onSignal?: (signal: NodeJS.Signals) => void;
  /** Called when `close` has failed, and with each error that nothing caught. Default: it is printed on standard error. */
  onError?: (error: unknown, kind: "close-failed" | "uncaught") => void;
}

const returnsPromise = returns.custom("a promise, which resolves when everything is closed", (result) => {
  return typeof (Object(result) as { then?: unknown }).then === "function";
});

const printError = (error: unknown, kind: string): void => void process.stderr.write(`${kind}: ${inspect(error)}\n`);

/**
 * Ends the process in order on SIGTERM and SIGINT: `close()`, then exit code 0, or 1 when it fails. A second signal ends the process at
 * once with code 1; a copy of the first within a second is ignored.
 *
 * An error that nothing caught leaves the process in an unknown state, so it ends in order too, with code 1. `close()` is called once, also
 * when such an error comes while it runs.
 *
 * @returns the function that removes the listeners
 * @throws OptionError when `close` is not a function, and for an unknown or bad option
 */
export function closeOnSignals(close: () => Promise<unknown>, options?: CloseOnSignalsOptions): () => void {
  if (typeof close !== "function") throw optionError(packageName, "close", "a function", close);
  const { onSignal, onError = printError } = readOptions(packageName, options, {
    onSignal: option.notified<NonNullable<CloseOnSignalsOptions["onSignal"]>>(undefined),
    onError: option.notified<NonNullable<CloseOnSignalsOptions["onError"]>>(undefined),
  });
  const closeOnce = withCheckedResult(packageName, "close", close, returnsPromise);
  const guard = signalGuard();
  /** Set when the process has begun to end; an error on the way makes it 1. */
  let exitCode: number | undefined;

  async function closeAndExit(): Promise<void> {
    try {
      await closeOnce();
    } catch (error) {
      exitCode = 1;
      onError(error, "close-failed");
    }
    process.exit(exitCode);
  }

  function end(code: number): void {
    const isFirst = exitCode === undefined;
    exitCode = Math.max(exitCode ?? 0, code);
    if (isFirst) void closeAndExit();
  }

  function signalListener(signal: NodeJS.Signals): void {
    const kind = guard();
    if (kind === "again") process.exit(1);
    if (kind === "copy") return;
    onSignal?.(signal);
    end(0);
  }

  function errorListener(error: unknown): void {
    onError(error, "uncaught");
    end(1);
  }

  process.on("SIGTERM", signalListener).on("SIGINT", signalListener).on("uncaughtException", errorListener);
  return () => {
    process.off("SIGTERM", signalListener).off("SIGINT", signalListener).off("uncaughtException", errorListener);
  };
}
