import type { Format } from "./render.ts";

/** Renderings a second that are made because somebody asks; then one serves all that ask within `pauseMs`. */
const perSecond = 10;
const pauseMs = 1_000 / perSecond;

interface Rendering {
  readonly text: Promise<string>;
  readonly begun: number;
  isDone: boolean;
}

/**
 * Bounds how often metrics are rendered, without making them old: whoever asks now and then gets a new rendering each time, and a flood
 * shares one. One that failed is shared by those that waited for it only.
 */
export function shareRenders(make: (format: Format) => Promise<string>): (format: Format) => Promise<string> {
  const latest = new Map<Format, Rendering>();
  let allowance = perSecond;
  let countedAt = performance.now();

  function mayRender(now: number): boolean {
    allowance = Math.min(perSecond, allowance + (now - countedAt) / pauseMs);
    countedAt = now;
    if (allowance < 1) return false;
    allowance -= 1;
    return true;
  }

  function render(format: Format, now: number): Rendering {
    const rendering: Rendering = { text: make(format), begun: now, isDone: false };
    latest.set(format, rendering);
    rendering.text.then(
      () => (rendering.isDone = true),
      () => void (latest.get(format) === rendering && latest.delete(format)),
    );
    return rendering;
  }

  return (format) => {
    const now = performance.now();
    const known = latest.get(format);
    if (known !== undefined && (!known.isDone || !mayRender(now))) return known.text;
    return render(format, now).text;
  };
}
