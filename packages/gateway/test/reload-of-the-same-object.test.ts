import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfigError, createGateway, loadConfig } from "../src/index.ts";
import { goodKeys } from "./production-configurations.ts";

test("a program that changes its object and reloads by it meets the checks of a start", async (t) => {
  const env = {
    ENVIRONMENT: "production",
    API_KEY: goodKeys.API_KEY,
    SECRET_KEY: goodKeys.SECRET_KEY,
    CORS_ORIGINS: "https://app.example",
  };
  const config = structuredClone(loadConfig({ env }));
  const gateway = createGateway(config);
  t.after(() => gateway.close());

  Object.assign(config, { environment: "development" });
  Object.assign(config.auth, { apiKey: "dev-gateway-key-12345" });
  assert.throws(() => gateway.reload(config), ConfigError);

  Object.assign(config.auth, { apiKey: goodKeys.API_KEY });
  Object.assign(config.rateLimit, { requests: 7 });
  assert.deepEqual(gateway.reload(config), ["environment"]);
});

test("the configuration in force cannot be changed through the gateway", async (t) => {
  const gateway = createGateway(loadConfig({ env: {} }));
  t.after(() => gateway.close());
  assert.throws(() => Object.assign(gateway.config, { environment: "staging" }), TypeError);
  assert.throws(() => Object.assign(gateway.config.auth, { apiKey: "another" }), TypeError);
  assert.throws(() => gateway.config.cors.origins.push("*"), TypeError);
});
