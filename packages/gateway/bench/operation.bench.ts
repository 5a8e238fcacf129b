/**
 * What clients notice while an operator works on a gateway: reloads, rolling replacement, workers that end, the admin listener, and stops,
 * each under 500 requests per second and all but one with 50 open event streams. Ends with 1 when a promise is broken.
 */
import {
  endWorker,
  type OperationReport,
  reload,
  replaceWorkers,
  type Scale,
  startWorkers,
  stopOneOfTwo,
  stopWithEndlessStreams,
  underLoad,
} from "./support/operations.ts";
import { operate, startOperated } from "./support/operator.ts";
import { startLoad } from "./support/steady-load.ts";
import { writeTable } from "./support/table.ts";

const scale: Scale = { perSecond: 500, connections: 50, streams: 50, streamMs: 6_000 };
const rows: string[][] = [];
let broken = 0;

function judge(name: string, { load, streams, mayFail, exitCode }: OperationReport, streamsMayBreak = false): void {
  const sound = load.failures.length <= mayFail && (streams.broken === 0 || streamsMayBreak) && (exitCode ?? 0) === 0;
  if (!sound) broken += 1;
  const kinds = [...new Set(load.failures)].join(", ");
  const failed = `${load.failures.length}${kinds === "" ? "" : ` (${kinds})`}`;
  const streamText = `${streams.complete} / ${streams.broken}`;
  rows.push([
    name,
    String(load.answered),
    failed,
    String(mayFail),
    load.p99Ms.toFixed(0),
    streamText,
    String(exitCode ?? ""),
    sound ? "kept" : "BROKEN",
  ]);
}

async function withWorkers(): Promise<void> {
  await using workers = await startWorkers();
  const { gateway, write, pidOf } = workers;
  judge("nothing", await underLoad(gateway, scale, async () => undefined));
  judge("SIGHUP, sound file, 5 times", await underLoad(gateway, scale, reload(write, "rateLimit: { windowSeconds: 61 }", 5)));
  judge("SIGHUP, broken file, 5 times", await underLoad(gateway, scale, reload(write, "sever: 1", 5)));
  write("rateLimit: { windowSeconds: 62 }\n");
  judge("SIGUSR2, two workers replaced", await underLoad(gateway, scale, replaceWorkers));
  judge("uncaught error in a worker", await underLoad(gateway, scale, endWorker(pidOf(-1), "SIGWINCH")));
  judge("kill -9 of a worker", await underLoad(gateway, scale, endWorker(pidOf(-1), "SIGKILL")), true);
}

async function adminListener(): Promise<void> {
  await using operated = await startOperated();
  const load = startLoad({ target: () => operated.gateway.url, ...scale });
  for (let round = 0; round < 10; round += 1) await operate(operated);
  judge("admin listener: 10 times all of it", { load: await load.stop(), streams: { complete: 0, broken: 0 }, mayFail: 0 });
}

async function stops(): Promise<void> {
  judge("SIGTERM to one of two gateways", await stopOneOfTwo(scale));
  const none = { answered: 0, failures: [], p99Ms: 0 };
  const capped = await stopWithEndlessStreams(scale.streams, false);
  judge(`SIGTERM, endless streams, cap 2 s: ${(capped.tookMs / 1_000).toFixed(1)} s`, { load: none, mayFail: 0, ...capped }, true);
  if (capped.tookMs > 4_000) broken += 1;
  const forced = await stopWithEndlessStreams(scale.streams, true);
  judge(
    `second SIGTERM forces, exit code ${forced.exitCode}`,
    { load: none, mayFail: 0, streams: forced.streams, exitCode: forced.exitCode === 1 ? 0 : 99 },
    true,
  );
}

await withWorkers();
await adminListener();
await stops();
writeTable(["operation", "answered", "failed", "may fail", "p99 ms", "streams whole / broken", "exit", "promise"], rows);
process.exitCode = broken === 0 ? 0 : 1;
