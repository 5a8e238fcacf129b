import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/config/load-config.ts";
import { problemsOf } from "./config-support.ts";

const env = (host: string, adminHost: string) => ({ GATEWAY_HOST: host, GATEWAY_PORT: "8000", ADMIN_HOST: adminHost, ADMIN_PORT: "8000" });

test("the admin listener may have the port of the gateway only at another address", () => {
  const taken = [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["::", "127.0.0.1"],
    ["localhost", "LOCALHOST"],
  ] as const;
  for (const [host, adminHost] of taken) {
    assert.match(
      problemsOf({ env: env(host, adminHost) }).join("\n"),
      /^ADMIN_PORT and GATEWAY_PORT are both 8000, on/,
      `${host} ${adminHost}`,
    );
  }
  const free = [
    ["127.0.0.1", "127.0.0.2"],
    ["0.0.0.0", "::1"],
  ] as const;
  for (const [host, adminHost] of free) assert.equal(loadConfig({ env: env(host, adminHost) }).admin.port, 8_000);
});
