import assert from "node:assert/strict";
import { before, test } from "node:test";

import { type WireCapture, wireCaptures } from "@aivillage/testing/fake-provider";

import { receive } from "./received.ts";
import { type Endpoint, type Sdk, sdks } from "./sdk-calls.ts";
import { serve } from "./served.ts";

/** What a caller can read of an error, wherever its SDK keeps it. */
interface ShownError {
  readonly message: string;
  readonly code?: unknown;
  readonly requestID?: unknown;
  readonly error?: { readonly error?: { readonly code?: unknown } };
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

const codeOf = ({ code, error, responseBody }: ShownError): unknown =>
  code ?? error?.error?.code ?? (JSON.parse(responseBody ?? "{}") as { error?: { code?: unknown } }).error?.code;
const idOf = ({ requestID, responseHeaders }: ShownError): unknown => requestID ?? responseHeaders?.["x-request-id"];

function plainCapture({ dialects }: Sdk): WireCapture {
  const names = ["chat-usage-at-the-end", "responses-completed", "anthropic-stream"];
  return wireCaptures.find(({ dialect, name }) => dialects.includes(dialect) && names.includes(name)) ?? assert.fail("no capture");
}

async function errorOf(sdk: Sdk, endpoint: Endpoint, model?: string): Promise<ShownError> {
  const plain = plainCapture(sdk);
  const capture: WireCapture = model === undefined ? plain : { ...plain, name: model };
  const { error } = await receive(sdk, endpoint, capture);
  assert.ok(error instanceof Error, sdk.name);
  return error;
}

before(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

for (const sdk of sdks) {
  test(`${sdk.name} shows the reason, the code and the request id of a refusal by the gateway`, async () => {
    await using served = await serve();
    const { gateway, provider, log } = served;
    for (const [error, code, reason] of [
      [await errorOf(sdk, gateway, "unlisted"), "model-not-allowed", /does not allow the requested model/],
      [await errorOf(sdk, { ...gateway, apiKey: "wrong" }), "invalid-credentials", /key .*not known/],
    ] as const) {
      assert.match(error.message, reason);
      assert.equal(codeOf(error), code);
      assert.ok(typeof idOf(error) === "string" && log.some((line) => (line as { request_id?: string }).request_id === idOf(error)), code);
    }
    assert.equal(provider.calls.length, 0);
  });
}

for (const sdk of sdks.filter(({ name }) => !name.startsWith("ai "))) {
  test(`${sdk.name} reports a wait of an hour at once, with its default retries`, async () => {
    await using served = await serve({ RATE_LIMIT_REQUESTS: "1", RATE_LIMIT_WINDOW: "3600" });
    const { gateway, provider, log } = served;
    const patient = { ...gateway, maxRetries: 2 };
    const first = await receive(sdk, patient, plainCapture(sdk));
    assert.equal(first.error, undefined);
    const error = await errorOf(sdk, patient);
    assert.match(error.message, /Try again in 3\d\d\d s/);
    assert.equal(codeOf(error), "quota-exceeded");
    assert.deepEqual([log.filter((line) => "status" in line).length, provider.calls.length], [2, 1]);
  });
}
