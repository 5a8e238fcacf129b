import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { childEnv, endWithProcess, gatewayProgram, listen, whenClosed } from "@aivillage/testing";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends a gateway that still waits for an issuer in order, since process 1 of a container dies of no signal`, async () => {
    const asked = Promise.withResolvers<void>();
    await using issuer = await listen(() => asked.resolve());
    const env = childEnv({ GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", JWT_JWKS_URL: `${issuer.url}/keys` });
    const child = spawn(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "start"], { env });
    endWithProcess(child);
    const exit = once(child, "exit");
    await asked.promise;
    child.kill(signal);
    assert.deepEqual(await exit, [0, null]);
    await whenClosed(child);
  });
}
