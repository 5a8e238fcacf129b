import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startGatewayProcess } from "../bench/support/gateway-process.ts";
import {
  endWorker,
  type OperationReport,
  reload,
  replaceWorkers,
  startWorkers,
  stopOneOfTwo,
  stopWithEndlessStreams,
  throwOnSignal,
  underLoad,
} from "../bench/support/operations.ts";

// Few, for a busy machine; `bench/operation.bench.ts` does the same with many.
const scale = { perSecond: 20, connections: 4, streams: 3, streamMs: 1_000 };

function assertNothingLost({ load, streams }: OperationReport): void {
  assert.deepEqual(load.failures, []);
  assert.deepEqual(streams, { complete: scale.streams, broken: 0 });
  assert.ok(load.answered > 0);
}

describe("under load with streams open", { concurrency: true }, () => {
  test("two workers lose nothing while they are reloaded, replaced or fail; a killed one loses what it was doing", async () => {
    await using workers = await startWorkers();
    const { gateway, write, pidOf } = workers;
    assertNothingLost(await underLoad(gateway, scale, reload(write, "rateLimit: { windowSeconds: 61 }", 1)));
    assertNothingLost(await underLoad(gateway, scale, reload(write, "sever: 1", 1)));

    assertNothingLost(await underLoad(gateway, scale, replaceWorkers));
    assert.equal(gateway.lines("workers replaced").at(-1)?.["replaced"], 0, "no worker starts with such a file");
    assert.deepEqual(gateway.lines("worker died"), []);

    write("rateLimit: { windowSeconds: 62 }\n");
    // On a busy machine a new worker may take longer to listen than it is given: the old ones go on, and the next signal tries again.
    do assertNothingLost(await underLoad(gateway, scale, replaceWorkers));
    while (gateway.lines("workers replaced").at(-1)?.["replaced"] !== 2);

    assertNothingLost(await underLoad(gateway, scale, endWorker(pidOf(-1), "SIGWINCH")));
    assert.equal(gateway.lines("worker died").at(-1)?.["code"], 1);
    assert.equal(gateway.lines("uncaught error, the process ends").length, 1);

    const { load, mayFail } = await underLoad(gateway, scale, endWorker(pidOf(-1), "SIGKILL"));
    assert.ok(load.failures.length <= mayFail, `${load.failures.length} failed, ${mayFail} were under way`);
    assert.equal(gateway.lines("worker died").at(-1)?.["signal"], "SIGKILL");
    assert.ok(load.answered > 0);
  });

  test("SIGTERM to one of two gateways loses nothing, and it ends with 0", async () => {
    const report = await stopOneOfTwo(scale);
    assertNothingLost(report);
    assert.equal(report.exitCode, 0);
  });

  test("SIGTERM cuts endless streams when the drain is over, and the process ends with 0", async () => {
    const { exitCode, tookMs, streams } = await stopWithEndlessStreams(5, false);
    assert.equal(exitCode, 0);
    // The streams themselves would take longer than a test may.
    assert.ok(tookMs > 1_900, `it took ${tookMs} ms`);
    assert.deepEqual(streams, { complete: 0, broken: 5 });
  });
});

test("without workers SIGUSR2 ends nothing, and an uncaught error ends the process with 1", async () => {
  await using gateway = await startGatewayProcess({ nodeOptions: throwOnSignal });
  gateway.child.kill("SIGUSR2");
  await gateway.told("there are no workers to replace here");
  gateway.child.kill("SIGWINCH");
  assert.equal(await gateway.ended, 1);
  assert.equal(gateway.lines("uncaught error, the process ends").length, 1);
});
