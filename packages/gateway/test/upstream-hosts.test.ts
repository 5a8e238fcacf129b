import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { test } from "node:test";

import { isSelf } from "../src/config/rules/upstream-hosts.ts";
import { loadConfig } from "../src/index.ts";

test("where the system does not list the addresses of this machine, the other rules still hold", (t) => {
  // As in a systemd unit whose RestrictAddressFamilies= has no AF_NETLINK.
  t.mock.method(os, "networkInterfaces", () => {
    throw new Error("A system error occurred: uv_interface_addresses returned EAFNOSUPPORT");
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const { server } = loadConfig({ env: { GATEWAY_HOST: "0.0.0.0", GATEWAY_PORT: "8000" } });
  assert.equal(isSelf(new URL("http://10.9.9.9:8000"), server), false);
  assert.equal(isSelf(new URL("http://127.0.0.1:8000"), server), true);
});
