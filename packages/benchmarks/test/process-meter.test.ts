import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { cpuTicks, meterOf, statusBytes } from "../src/process-meter.ts";

describe("the texts of /proc", () => {
  test("give user and system time, whatever the program is called", () => {
    const figures = "S 1 2 3 0 -1 4194304 9 9 9 9 120 34 7 7 20 0 11 0 555";
    assert.equal(cpuTicks(`42 (node) ${figures}`), 154);
    assert.equal(cpuTicks(`42 (a ) S 1 (b) ${figures}`), 154);
  });

  test("give memory in bytes", () => {
    const status = "Name:\tnode\nVmPeak:\t 999 kB\nVmHWM:\t   81234 kB\nVmRSS:\t   70000 kB\n";
    assert.deepEqual([statusBytes(status, "VmHWM"), statusBytes(status, "VmRSS")], [81_234 * 1_024, 70_000 * 1_024]);
    assert.throws(() => statusBytes("Name:\tkthreadd\n", "VmRSS"), /no VmRSS/);
  });
});

const onLinux = { skip: process.platform === "linux" ? false : "there is no /proc here: the meter of a process was left out" };

describe("the meter of this process, on Linux", onLinux, () => {
  const meter = meterOf(process.pid);

  test("counts CPU time while it computes", () => {
    const before = meter.cpuMicros();
    const inside = process.cpuUsage();
    // Until Node itself has counted so much: a busy machine gives little of a span of time.
    let own = 0;
    while (own < 120_000) {
      const { user, system } = process.cpuUsage(inside);
      own = user + system;
    }
    const used = meter.cpuMicros() - before;
    assert.ok(Math.abs(used - own) < 60_000, `${used} us by the meter, ${own} us by Node`);
  });

  test("forgets the peak of memory that has been given back", () => {
    const before = meter.residentBytes();
    const kept = Buffer.alloc(64 * 1_048_576, 1);
    assert.ok(meter.residentBytes() - before > 32 * 1_048_576);
    meter.forgetPeak();
    assert.ok(meter.peakBytes() >= meter.residentBytes() - 8 * 1_048_576);
    assert.equal(kept[0], 1);
  });
});
