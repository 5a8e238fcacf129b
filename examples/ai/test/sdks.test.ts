import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventually } from "@aivillage/testing";
import { type WireCapture, wireCaptures } from "@aivillage/testing/fake-provider";

import { receive } from "./received.ts";
import { sdks } from "./sdk-calls.ts";
import { serve } from "./served.ts";

const served = await serve();
after(() => served[Symbol.asyncDispose]());

/** SDKs write to the console what they cannot read, and `ai` what it does not know of a model. */
before(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

/** The tokens of the call that has just ended, as far as the provider reports them. */
function metered({ usage: truth }: Required<Pick<WireCapture, "usage">>): object {
  const { usage } = served.ended.at(-1) ?? assert.fail("no call has ended");
  const names = Object.keys(truth) as (keyof typeof truth)[];
  return { source: usage.source, ...Object.fromEntries(names.map((name) => [name, usage[name]])) };
}

for (const sdk of sdks) {
  test(`${sdk.name} receives through the gateway what it receives without it, and its tokens are those that the provider reports`, async (t) => {
    t.mock.method(console, "error", () => undefined);
    for (const capture of wireCaptures.filter(({ dialect }) => sdk.dialects.includes(dialect))) {
      const calls = served.ended.length;
      const direct = await receive(sdk, served.direct, capture);
      const through = await receive(sdk, served.gateway, capture);
      // A stream that breaks ends with an error of the gateway, which says more than the client's own.
      const values = capture.isCut === true ? through.values.slice(0, direct.values.length) : through.values;
      assert.deepEqual(values, direct.values, capture.name);
      if (capture.isCut === true) assert.ok(direct.error !== undefined && through.error !== undefined, capture.name);
      else assert.equal(String(through.error), String(direct.error), capture.name);
      await eventually(() => served.ended.length === calls + 1, `${capture.name} has ended once`);
      if (capture.usage !== undefined)
        assert.deepEqual(metered({ usage: capture.usage }), { source: "reported", ...capture.usage }, capture.name);
    }
  });
}
