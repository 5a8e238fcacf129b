import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

test("the line of a request names the replica that has served it, where there are several", async () => {
  await using first = await startDownstream();
  await using second = await startDownstream();
  const routes = [
    { path: "/v1/notes", upstream: [first.url, second.url], public: true },
    { path: "/v1/single", upstream: [first.url], public: true },
  ];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  const originOf = async (path: string): Promise<unknown> => {
    await (await fetch(gateway.url + path)).arrayBuffer();
    const line = await eventually(() => gateway.log.find(({ route, status }) => route === path && status === 200), "the line");
    return line?.["upstream_origin"];
  };
  assert.ok([first.url, second.url].includes(String(await originOf("/v1/notes"))));
  assert.equal(await originOf("/v1/single"), undefined);
});
