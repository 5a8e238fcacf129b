import type { Format } from "./render.ts";

/** Renderings a second, of each format, that are made because somebody asks; then one serves all that ask within `pauseMs`. */
const perSecond = 10;
const pauseMs = 1_000 / perSecond;

interface Rendering {
  readonly text: Promise<string>;
  readonly begun: number;
  isDone: boolean;
}

/**
 * Bounds how often metrics are rendered, without making them old: occasional scrapes get a new rendering each time, and a flood
 * shares one that began at most 100 ms ago, or is still being made. A failure is shared like a text. No format takes from another.
 */
export function shareRenders(make: (format: Format) => Promise<string>): (format: Format) => Promise<string> {
  const shared = new Map<Format, () => Promise<string>>();

  return (format) => {
    const get = shared.get(format) ?? share(() => make(format));
    shared.set(format, get);
    return get();
  };
}

function share(make: () => Promise<string>): () => Promise<string> {
  const mayRender = allowance();
  let latest: Rendering | undefined;

  function render(begun: number): Rendering {
    const rendering: Rendering = { text: make(), begun, isDone: false };
    rendering.text.catch(() => undefined).finally(() => (rendering.isDone = true));
    return (latest = rendering);
  }

  return () => {
    const now = performance.now();
    if (latest !== undefined && !latest.isDone) return latest.text;
    // At an age of `pauseMs` the pace is kept as it is.
    if (latest === undefined || mayRender(now) || now - latest.begun >= pauseMs) return render(now).text;
    return latest.text;
  };
}

/** True so many times at once, and then as often as the pace allows. */
function allowance(): (now: number) => boolean {
  let left = perSecond;
  let countedAt = performance.now();

  return (now) => {
    left = Math.min(perSecond, left + (now - countedAt) / pauseMs);
    countedAt = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
