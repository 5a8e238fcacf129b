/** A signal within this time of the first one is the same one. */
const sameSignalMs = 1_000;

/**
 * Distinguishes a second signal from a copy of the first. A terminal sends SIGINT to a whole process group, and a package manager in between may
 * pass it on once more.
 *
 * @returns a function to call for each signal: `first` for the first one, `copy` within a second of it, `again` after that
 */
export function signalGuard(now: () => number = () => performance.now()): () => "first" | "copy" | "again" {
  let firstAt: number | undefined;
  return () => {
    if (firstAt !== undefined) return now() - firstAt < sameSignalMs ? "copy" : "again";
    firstAt = now();
    return "first";
  };
}
