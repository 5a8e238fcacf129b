import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type RunningContestant, startContestant } from "../contestants/contestant-process.ts";
import type { Surroundings } from "../contestants/contestant.ts";
import { gatewayEnv } from "../contestants/gateway-env.ts";
import { folders } from "../folders.ts";
import { httpLoad } from "../loads/http-load.ts";
import { meterOf } from "../process-meter.ts";
import type { Progress } from "../progress.ts";
import { routeRequests, routeTable } from "./route-table.ts";

/** CPU time per request in microseconds, round by round, with few routes and with many. */
export interface Rounds {
  readonly few: number[];
  readonly many: number[];
}

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  readonly seconds: number;
  readonly few: number;
  readonly many: number;
}

/** The rounds of each kind of request. Both gateways run all the time and are loaded by turns, in the other order in every other round. */
export async function compareRoutes(
  upstream: string,
  { rounds, seconds, few, many }: Extent,
  progress: Progress,
): Promise<Record<string, Rounds>> {
  await using small = await startGateway(few, upstream);
  await using large = await startGateway(many, upstream);
  const results = Object.fromEntries(Object.keys(routeRequests).map((name): [string, Rounds] => [name, { few: [], many: [] }]));
  for (let round = -1; round < rounds; round += 1) {
    progress.say(round < 0 ? "warming up" : `round ${round + 1} of ${rounds}`);
    for (const [name, request] of Object.entries(routeRequests)) {
      const load = httpLoad(request);
      const pairs = [
        [small, "few"],
        [large, "many"],
      ] as const;
      for (const [gateway, key] of round % 2 === 0 ? pairs : pairs.toReversed()) {
        const cpuMicros = await gateway.measure(load, seconds);
        if (round >= 0) results[name]?.[key].push(cpuMicros);
      }
    }
  }
  return results;
}

interface MeasuredGateway extends AsyncDisposable {
  measure(load: ReturnType<typeof httpLoad>, seconds: number): Promise<number>;
}

async function startGateway(routes: number, upstream: string): Promise<MeasuredGateway> {
  const running: RunningContestant = await startContestant(
    { launch: ({ port, folder }: Surroundings) => launch(port, folder, routeTable(routes, upstream)) },
    { upstream: 0, streaming: false, calls: false, accessLog: false, services: [upstream, upstream, upstream] },
  );
  const meter = meterOf(running.pid);
  return {
    async measure(load, seconds) {
      const before = meter.cpuMicros();
      const { units } = await load({ port: running.port, seconds, meter });
      return (meter.cpuMicros() - before) / units;
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

function launch(port: number, folder: string, configuration: object) {
  const file = join(folder, "gateway.yaml");
  // YAML contains JSON.
  writeFileSync(file, JSON.stringify(configuration));
  return {
    command: process.execPath,
    args: [folders.gatewayProgram, "start", "--config", file],
    env: { ...gatewayEnv(port), LOG_LEVEL: "ERROR" },
  };
}
