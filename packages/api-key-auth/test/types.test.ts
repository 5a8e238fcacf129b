import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  type ApiKey,
  apiKeyAuth,
  type ApiKeyAuthOptions,
  type Authenticated,
  authenticated,
  type AuthenticationFailed,
  authenticationFailed,
  createApiKey,
  type CreatedApiKey,
  getPrincipal,
  type KeyRing,
  parseApiKey,
  type ParsedApiKey,
  type Principal,
  requirePrincipal,
  requireScope,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(apiKeyAuth).parameters.toEqualTypeOf<[options: ApiKeyAuthOptions]>();
  expectTypeOf(apiKeyAuth).returns.toEqualTypeOf<Handler>();
  expectTypeOf(requirePrincipal).toBeCallableWith({ scopes: ["query"] as const });
  expectTypeOf(requirePrincipal).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getPrincipal).parameters.toEqualTypeOf<[req: IncomingMessage]>();
  expectTypeOf(getPrincipal).returns.toEqualTypeOf<Principal | undefined>();
  expectTypeOf(requireScope).toBeCallableWith("query", "chat");
  expectTypeOf(requireScope).returns.toEqualTypeOf<Handler>();
  expectTypeOf(createApiKey).returns.toEqualTypeOf<CreatedApiKey>();
  expectTypeOf(parseApiKey).returns.toEqualTypeOf<ParsedApiKey | "mistyped" | "opaque">();
  expectTypeOf<{ id: string } & Omit<CreatedApiKey, "key">>().toExtend<ApiKey>();
  expectTypeOf<Principal["kind"]>().toEqualTypeOf<"key" | "jwt">();
  expectTypeOf<KeyRing["replace"]>().parameters.toEqualTypeOf<[keys: readonly ApiKey[]]>();
  expectTypeOf(authenticated).toEqualTypeOf<Event<Authenticated>>();
  expectTypeOf(authenticationFailed).toEqualTypeOf<Event<AuthenticationFailed>>();
  expectTypeOf<{ keys: string[] }>().not.toExtend<ApiKeyAuthOptions>();
  expectTypeOf<{ keys: KeyRing }>().toExtend<ApiKeyAuthOptions>();
  expectTypeOf<object>().not.toExtend<ApiKeyAuthOptions>();
});
