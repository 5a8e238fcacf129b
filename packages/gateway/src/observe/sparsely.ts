const pauseMs = 10_000;

interface Since {
  count: number;
  reportedAt: number;
}

/**
 * Reports what may happen thousands of times a second at most every ten seconds per kind, with how often it has happened since.
 *
 * @param kindOf few kinds: each is remembered
 */
export function sparsely<T>(kindOf: (message: T) => string, report: (message: T, count: number) => void): (message: T) => void {
  const kinds = new Map<string, Since>();

  return (message) => {
    const kind = kindOf(message);
    const since = kinds.get(kind) ?? { count: 0, reportedAt: -Infinity };
    kinds.set(kind, since);
    since.count += 1;
    const now = performance.now();
    if (now - since.reportedAt < pauseMs) return;
    report(message, since.count);
    kinds.set(kind, { count: 0, reportedAt: now });
  };
}
