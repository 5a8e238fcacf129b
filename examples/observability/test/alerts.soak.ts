/** The alert rules as they are delivered, with their minutes, before a gateway that is first well, then broken, then gone. */
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { needsRedis } from "@aivillage/testing";

import { startOperatedGateway, sendTraffic } from "./operated-gateway.ts";
import { breakEverything, caused, untilFiring, untilQuiet } from "./outage.ts";
import { needsPrometheus, startPrometheus } from "./running-prometheus.ts";

const minutes = (count: number): number => count * 60_000;

describe("the rules with their minutes", { skip: needsPrometheus.skip || needsRedis.skip }, () => {
  test("nothing fires while all is well, everything after a few minutes of trouble", { timeout: minutes(20) }, async (t) => {
    await using gateway = await startOperatedGateway();
    await using prometheus = await startPrometheus(gateway.port, { hurried: false });
    const traffic = new AbortController();
    const broken = new AbortController();
    t.after(() => [traffic, broken].forEach((controller) => controller.abort()));
    const sending = sendTraffic(gateway, traffic.signal);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      await delay(5_000);
      await untilQuiet(prometheus, 0);
    }
    const breaking = breakEverything(gateway, broken.signal);
    await untilFiring(prometheus, caused, minutes(13));
    broken.abort();
    await breaking;
    traffic.abort();
    await gateway.close();
    await sending;
    await untilFiring(prometheus, ["GatewayDown"], minutes(2));
  });
});
