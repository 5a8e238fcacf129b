import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

/** Each warning comes once in a process, so each test has one of its own. */
const warningsOf = async (handlers: string, headers: Record<string, string>): Promise<string> => {
  const program = `
    import { getRateLimit, MemoryStore, rateLimit } from ${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))};
    import { compose, toListener } from "@aivillage/middleware";
    import { createServer } from "node:http";
    const options = { limit: 9, windowMs: 60_000 };
    const ok = (_req, res) => res.end("ok");
    const server = createServer(toListener(compose(${handlers}, ok))).listen(0, "127.0.0.1", async () => {
      for (let n = 0; n < 3; n += 1) {
        const response = await fetch("http://127.0.0.1:" + server.address().port, { headers: ${JSON.stringify(headers)} });
        console.log(response.status);
      }
      server.close();
      server.closeAllConnections();
    });`;
  const args = ["--conditions=@aivillage/source", "--input-type=module", "--eval", program];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  assert.equal(stdout, "200\n200\n200\n");
  return stderr;
};

const count = (text: string, code: string): number => text.split(`[${code}]`).length - 1;

test("forwarded requests that are all counted by the address of the proxy are warned of once", async () => {
  for (const headers of [{ "X-Forwarded-For": "203.0.113.1" }, { Forwarded: "for=203.0.113.1" }]) {
    const printed = await warningsOf("rateLimit(options)", headers);
    assert.equal(count(printed, "AIVILLAGE_RATE_LIMIT_SHARED_ADDRESS"), 1, printed);
    assert.match(printed, /clientIp: getClientIp/);
  }
});

test("a limiter that is given the address, and one with its own key, warn of nothing", async () => {
  const forwarded = { "X-Forwarded-For": "203.0.113.1" };
  assert.equal(await warningsOf("rateLimit({ ...options, clientIp: (req) => req.socket.remoteAddress })", forwarded), "");
  assert.equal(await warningsOf('rateLimit({ policies: [{ ...options, name: "all", key: () => "all" }] })', forwarded), "");
  assert.equal(await warningsOf("rateLimit(options)", {}), "");
});

test("a request that the same limiter counts twice is warned of once", async () => {
  const printed = await warningsOf("...Array(2).fill(rateLimit(options))", {});
  assert.equal(count(printed, "AIVILLAGE_RATE_LIMIT_DOUBLE_COUNT"), 1, printed);
});

test("two limiters on one path warn of nothing, with one store for both either", async () => {
  assert.equal(await warningsOf("rateLimit(options), rateLimit({ ...options, limit: 5 })", {}), "");
  const shared = '...["a", "b"].map((name) => rateLimit({ store, policies: [{ ...options, name }] }))';
  assert.equal(await warningsOf(`...((store) => [${shared}])(new MemoryStore())`, {}), "");
});
