const pauseMs = 10_000;
/** Kinds that are remembered, and so the most lines within the pause. */
const mostKinds = 100;

interface Since {
  count: number;
  reportedAt: number;
}

/**
 * Reports what may happen thousands of times a second at most every ten seconds per kind, with how often it has happened since: for log
 * lines about events.
 *
 * A hundred kinds are remembered. What is of a further kind is left out until the pause of the first of them is over.
 *
 * @param kindOf names the kind of a message, such as the client that it is about
 * @param report receives a message, and how many of its kind came since the last report, this one included
 * @returns takes the messages, such as a listener of an event
 */
export function throttleByKind<T>(kindOf: (message: T) => string, report: (message: T, count: number) => void): (message: T) => void {
  /** The one reported longest ago first. */
  const kinds = new Map<string, Since>();

  function makeRoom(now: number): boolean {
    if (kinds.size < mostKinds) return true;
    for (const [oldest, { reportedAt }] of kinds) return now - reportedAt >= pauseMs && kinds.delete(oldest);
    return false;
  }

  return (message) => {
    const kind = kindOf(message);
    const now = performance.now();
    const since = kinds.get(kind);
    if (since === undefined && !makeRoom(now)) return;
    if (since !== undefined) since.count += 1;
    if (since !== undefined && now - since.reportedAt < pauseMs) return;
    kinds.delete(kind);
    kinds.set(kind, { count: 0, reportedAt: now });
    report(message, since?.count ?? 1);
  };
}
