import type { GatewayLogger } from "../../../gateway/src/dependencies.ts";

/**
 * Ends the process in order on SIGTERM and SIGINT: `close()`, then exit code 0. A second signal does not wait.
 *
 * A terminal sends SIGINT to a whole process group, and a package manager in between may send it on once more, so the same
 * signal within a second counts as one.
 */
export function closeOnSignals(close: () => Promise<void>, logger: GatewayLogger): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt < 1_000) return;
    if (firstAt !== undefined) process.exit(1);
    firstAt = now;
    logger.info({ signal }, "gateway drains");
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "gateway could not stop in order");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  // Meant for a primary; by default it would end the process without a word.
  process.on("SIGUSR2", () => logger.warn({}, "there are no workers to replace here"));
  endOnFault(close, logger);
}

/** What nobody caught leaves the process in a state that nobody knows: it ends in order, with code 1, for a fresh one to follow. */
function endOnFault(close: () => Promise<void>, logger: GatewayLogger): void {
  let ending = false;
  process.on("uncaughtException", (error) => {
    logger.error({ err: error }, "uncaught error, the process ends");
    if (ending) return;
    ending = true;
    void endWith(close, 1);
  });
}

async function endWith(close: () => Promise<void>, exitCode: number): Promise<void> {
  await close().catch(() => undefined);
  process.exit(exitCode);
}
