import assert from "node:assert/strict";
import { test } from "node:test";

import { requestId, type RequestIdOptions } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => requestId(options as RequestIdOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused(
    { headerName: "X-Id" },
    /^@aivillage\/request-id: unknown option `headerName`; known options: header, trustIncoming, generate, sampleNewTraces, startSpan$/,
  );
});

test("a bad value is named with what was expected and what came", () => {
  refused({ header: "" }, /option `header` must be a header name, got ''/);
  refused({ header: "X Request Id" }, /option `header` must be a header name/);
  refused({ header: "X-Id\r\nX-Evil: 1" }, /option `header` must be a header name/);
  refused({ header: null }, /option `header` must be a header name, got null/);
  refused({ trustIncoming: "yes" }, /option `trustIncoming` must be true, false or a function, got 'yes'/);
  refused({ generate: "uuid" }, /option `generate` must be a function, got 'uuid'/);
  refused({ sampleNewTraces: 0.5 }, /option `sampleNewTraces` must be true or false, got 0\.5/);
  refused({ startSpan: true }, /option `startSpan` must be a function, got true/);
  refused("X-Id", /options must be an object, got string/);
});

test("the handler has a name that shows in stacks and profiles", () => {
  assert.equal(requestId().name, "requestIdHandler");
});
