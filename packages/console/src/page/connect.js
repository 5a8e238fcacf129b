import { byId, setText } from "./dom.js";
import { readEvents } from "./event-stream.js";
import { time } from "./format.js";
import { askForKey, authorization } from "./key.js";

/** Frames come twice per second: after so long without one, what is shown is old. */
const staleAfterMs = 4_000;
const longestPauseMs = 10_000;

/** @type {number | undefined} */
let lastFrameAt;

/** @param {"connecting" | "live" | "stale" | "locked"} state @param {string} text */
function showState(state, text) {
  const shown = byId("state");
  shown.dataset["state"] = state;
  document.body.dataset["state"] = state;
  setText(/** @type {Element} */ (shown.lastElementChild), text);
}

function showAge() {
  if (lastFrameAt === undefined) return;
  if (Date.now() - lastFrameAt > staleAfterMs) showState("stale", `Stale since ${time(lastFrameAt)}, reconnecting`);
}

/**
 * Keeps the stream open, for as long as the page is.
 *
 * @param {(hello: import("../hub/frame.ts").Hello) => void} onHello
 * @param {(frame: import("../hub/frame.ts").Frame) => void} onFrame
 */
export async function connect(onHello, onFrame) {
  setInterval(showAge, 1_000);
  for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const began = Date.now();
    await readStream(onHello, onFrame).catch(() => undefined);
    if (lastFrameAt !== undefined && lastFrameAt > began) pauseMs = 500;
    if (lastFrameAt !== undefined) showState("stale", `Stale since ${time(lastFrameAt)}, reconnecting`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/**
 * @param {(hello: import("../hub/frame.ts").Hello) => void} onHello
 * @param {(frame: import("../hub/frame.ts").Frame) => void} onFrame
 */
async function readStream(onHello, onFrame) {
  const given = authorization();
  const aborter = new AbortController();
  let heardAt = Date.now();
  // A network that is gone closes no connection.
  const watch = setInterval(() => {
    if (Date.now() - heardAt > 3 * staleAfterMs) aborter.abort();
  }, staleAfterMs);
  try {
    const response = await fetch("stream", { headers: given, cache: "no-store", signal: aborter.signal });
    if (response.status === 401 || response.status === 403) return await unlock("Authorization" in given);
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    for await (const { name, data } of readEvents(response.body)) {
      heardAt = Date.now();
      if (name === "hello") onHello(JSON.parse(data));
      if (name !== "frame") continue;
      lastFrameAt = Date.now();
      showState("live", "Live");
      onFrame(JSON.parse(data));
    }
  } finally {
    clearInterval(watch);
  }
}

/** @param {boolean} hadKey */
async function unlock(hadKey) {
  showState("locked", "Locked");
  await askForKey(
    hadKey ? "The key that this page had is not valid here." : "Open the console by the address that contains the key, or enter it.",
  );
}
