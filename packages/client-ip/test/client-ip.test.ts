import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";

import { clientIp, type ClientIpOptions, getClientIp, isFromTrustedProxy } from "../src/index.ts";

const show: Handler = (req, res) => void res.end(`<${getClientIp(req)} ${isFromTrustedProxy(req)}>`);

forEachHost((host) => {
  /** What the middleware finds for these header lines, in this order and with these repetitions. */
  const find = async (options: ClientIpOptions | undefined, ...lines: string[]): Promise<string | undefined> => {
    await using app = await host.serve([clientIp(options), show]);
    const text = await rawRequest(app.port, ["GET / HTTP/1.1", "Host: a", "Connection: close", ...lines, "", ""].join("\r\n"));
    return /<(.*)>/.exec(text)?.[1];
  };

  test("by default the client is the connected peer", async () => {
    assert.equal(await find(undefined), "127.0.0.1 false");
    assert.equal(await find(undefined, "X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7"), "127.0.0.1 false");
  });

  test("a trusted proxy's word is believed", async () => {
    assert.equal(await find({ trustedProxies: ["loopback"] }, "X-Forwarded-For: 203.0.113.7"), "203.0.113.7 true");
    assert.equal(await find({ trustedProxies: ["127.0.0.1"], header: "Forwarded" }, "Forwarded: for=203.0.113.7"), "203.0.113.7 true");
  });

  test("a trusted proxy that reports nobody is the client itself", async () => {
    assert.equal(await find({ trustedProxies: ["loopback"] }), "127.0.0.1 true");
  });

  test("the first address from the right that is no trusted proxy is the client", async () => {
    const options = { trustedProxies: ["loopback", "10.0.0.0/8"] };
    assert.equal(await find(options, "X-Forwarded-For: 1.1.1.1, 203.0.113.7, 10.9.9.9, 10.0.0.2"), "203.0.113.7 true");
  });

  test("several lines of the header are one list", async () => {
    const options = { trustedProxies: ["loopback", "private"] };
    assert.equal(await find(options, "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 192.168.1.1, 10.0.0.2"), "203.0.113.7 true");
    const forwarded = { ...options, header: "Forwarded" } as const;
    assert.equal(await find(forwarded, "Forwarded: for=203.0.113.7", "Forwarded: for=10.0.0.2;proto=https"), "203.0.113.7 true");
  });

  test("only the chosen header is looked at", async () => {
    assert.equal(await find({ trustedProxies: ["loopback"] }, "Forwarded: for=203.0.113.7"), "127.0.0.1 true");
    assert.equal(await find({ trustedProxies: ["loopback"], header: "Forwarded" }, "X-Forwarded-For: 203.0.113.7"), "127.0.0.1 true");
  });

  test("the address is still known when the connection is gone", async () => {
    let atClose: string | undefined;
    const closed = Promise.withResolvers<void>();
    const watch: Handler = (req, res, next) => {
      res.once("close", () => {
        atClose = getClientIp(req);
        closed.resolve();
      });
      next();
    };
    await using app = await host.serve([clientIp(), watch, (req) => void req.socket.destroy()]);
    await assert.rejects(fetch(app.url));
    await closed.promise;
    assert.equal(atClose, "127.0.0.1");
  });

  test("without the middleware there is no address and no trust", async () => {
    await using app = await host.serve([show]);
    assert.equal(await (await fetch(app.url)).text(), "<undefined false>");
  });
});
