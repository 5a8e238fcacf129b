import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { hangAfterMs, listen } from "@aivillage/testing";
import { collectDefaultMetrics } from "prom-client";

import { metrics, metricsEndpoint, Registry } from "../src/index.ts";

/** What promtool has to say about a scrape. */
function check(scrape: string) {
  const { status, stdout, stderr, error } = spawnSync("promtool", ["check", "metrics"], {
    input: scrape,
    encoding: "utf8",
    timeout: hangAfterMs,
  });
  return { isInstalled: error === undefined, status, says: stdout + stderr };
}

const { isInstalled } = check("");

test(
  "promtool finds nothing to say about a scrape, the metrics of the process included",
  {
    skip: isInstalled ? false : "promtool is not installed; the Debian package prometheus has it",
  },
  async () => {
    const registry = new Registry();
    const endpoint = metricsEndpoint({ registry });
    const handler = compose(metrics({ registry }), (req, res, next) => (req.url === "/metrics" ? endpoint(req, res, next) : next()));
    await using app = await listen(toListener(handler));
    for (const path of ["/a", "/b?c=d"]) await (await fetch(app.url + path)).text();
    const scrape = await (await fetch(`${app.url}/metrics`)).text();
    assert.match(scrape, /gateway_request_duration_seconds_bucket/);
    assert.match(scrape, /nodejs_eventloop_lag_p99_seconds/);
    assert.deepEqual(check(scrape), { isInstalled: true, status: 0, says: "" });

    const theirs = new Registry();
    collectDefaultMetrics({ register: theirs });
    assert.match(
      check(await theirs.metrics()).says,
      /nodejs_active_handles_total/,
      "it does look: what prom-client adds by itself is refused",
    );
  },
);
