/** Why a remote operation was given up: its answer did not come in time. It may still come into effect. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/** A timer that fires so much late tells that this process was busy, not that the other side was slow. */
const busyMs = 5;
/** How often the other side then gets its time anew: its answer may wait to be read, or the question to be sent. */
const mostExtensions = 5;

/** The outcome of an operation, or a rejection with a `DeadlineError` when it is not there in time. */
export function withDeadline<T>(operation: PromiseLike<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let extensions = 0;
    let due = performance.now() + deadlineMs;
    const onTime = (): void => {
      const now = performance.now();
      if (now - due <= busyMs || extensions === mostExtensions) return reject(new DeadlineError(deadlineMs));
      extensions += 1;
      due = now + deadlineMs;
      timer = setTimeout(onTime, deadlineMs);
    };
    let timer = setTimeout(onTime, deadlineMs);
    const finish = <V>(settle: (value: V) => void, value: V): void => {
      clearTimeout(timer);
      settle(value);
    };
    operation.then(
      (value) => finish(resolve, value),
      (error: unknown) => finish(reject, error),
    );
  });
}
