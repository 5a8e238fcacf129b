import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import { clientIp, type ClientIpOptions, getClientIp, isFromTrustedProxy } from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(clientIp).parameters.toEqualTypeOf<[options?: ClientIpOptions | undefined]>();
  expectTypeOf(clientIp).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getClientIp).toEqualTypeOf<(req: IncomingMessage) => string | undefined>();
  expectTypeOf(isFromTrustedProxy).toEqualTypeOf<(req: IncomingMessage) => boolean>();
  expectTypeOf<{ trustedProxies: true }>().not.toExtend<ClientIpOptions>();
});
