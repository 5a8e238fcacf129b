import { inspect } from "node:util";

import { option, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { signalGuard } from "./signal-guard.ts";

/** Options of `closeOnSignals()`. */
export interface CloseOnSignalsOptions {
  /** Called with the first signal, before `close`; write your log line here. Default: nothing is written. */
  onSignal?: (signal: NodeJS.Signals) => void;
  /** Called when `close` has failed, and with each error that nothing caught. Default: it is printed on standard error. */
  onError?: (error: unknown, kind: "close-failed" | "uncaught") => void;
}

const printError = (error: unknown, kind: string): void => void process.stderr.write(`${kind}: ${inspect(error)}\n`);

/**
 * Ends the process in order on SIGTERM and SIGINT: `close()`, then exit code 0, or 1 when it fails. A second signal ends the process at
 * once with code 1; a copy of the first within a second is ignored.
 *
 * An error that nothing caught leaves the process in an unknown state, so it ends in order too, with code 1.
 *
 * @returns the function that removes the listeners
 * @throws OptionError when `close` is not a function, and for an unknown or bad option
 */
export function closeOnSignals(close: () => Promise<unknown>, options?: CloseOnSignalsOptions): () => void {
  if (typeof close !== "function") throw optionError(packageName, "close", "a function", close);
  const { onSignal, onError = printError } = readOptions(packageName, options, {
    onSignal: option.asyncFunction<NonNullable<CloseOnSignalsOptions["onSignal"]>>(undefined),
    onError: option.asyncFunction<NonNullable<CloseOnSignalsOptions["onError"]>>(undefined),
  });
  const guard = signalGuard();
  let isEnding = false;

  function end(exitCode: number): void {
    close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        onError(error, "close-failed");
        process.exit(1);
      },
    );
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
    if (isEnding) return;
    isEnding = true;
    end(1);
  }

  process.on("SIGTERM", signalListener).on("SIGINT", signalListener).on("uncaughtException", errorListener);
  return () => {
    process.off("SIGTERM", signalListener).off("SIGINT", signalListener).off("uncaughtException", errorListener);
  };
}
