// node run-host.mjs "Express 5" stock|problems: runs all checks on one host and prints a JSON object with a result for each.
import { makeHandlers, startBackend } from "./app.mjs";
import { checks } from "./checks.mjs";
import { hosts } from "./hosts.mjs";

const [name, mode] = process.argv.slice(2);
const problems = mode === "problems";
const lines = [];
// An unexpected error is logged; that is not what is looked at here.
console.error = () => undefined;
const backend = await startBackend();
const { handlers, close } = makeHandlers(backend.url, lines);
const running = await hosts[name].start(handlers, problems);

async function fetchFrom(path, { method = "GET", headers = {}, body } = {}) {
  const response = await fetch(running.url + path, { method, headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The time-out only ends the wait for an event that a host holds back. */
async function* fetchChunks(path) {
  const response = await fetch(running.url + path, { signal: AbortSignal.timeout(10_000) });
  yield* response.body.pipeThrough(new TextDecoderStream());
}

const results = {};
for (const [check, run] of Object.entries(checks)) {
  try {
    await run({
      send: running.send ?? fetchFrom,
      chunks: running.send === undefined ? fetchChunks : running.chunks,
      lines,
      problems,
      graphql: running.graphql,
    });
    results[check] = "ok";
  } catch (error) {
    results[check] = String(error.message).slice(0, 300);
  }
}
process.stdout.write(`\n@results ${JSON.stringify(results)}\n`, () => process.exit());
await running.close?.();
close();
backend.close();
