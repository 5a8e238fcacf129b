import assert from "node:assert/strict";
import { test } from "node:test";

import { sanitizeInput, type SanitizeInputOptions } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => sanitizeInput(options as SanitizeInputOptions), { name: "TypeError", message });
};

test("unknown options are named together with the known ones, nested ones too", () => {
  refused(
    { schema: {} },
    /^@aivillage\/input-sanitizer: unknown option `schema`; known options: body, query, params, headers, paramsOf, checkSchemas, keepBody, limits, screening$/,
  );
  refused({ limits: { bytes: 1 } }, /^@aivillage\/input-sanitizer: unknown option `limits.bytes`; known options: bodyBytes, depth, keys/);
  refused({ screening: { dry: true } }, /unknown option `screening.dry`; known options: mode, outcomes, thresholds, exclude$/);
});

test("schemas are checked against the schema of JSON Schema, unless `checkSchemas` is false", () => {
  const body = { type: "string", maxLength: -1 };
  refused({ body }, /option `body` must be a valid JSON Schema .*: schema is invalid: data\/maxLength must be >= 0$/);
  assert.doesNotThrow(() => sanitizeInput({ body, checkSchemas: false }));
  refused({ body: { type: "objekt" }, checkSchemas: false }, /option `body` must be a valid JSON Schema .*type/);
  refused({ body: { type: "object", propertys: {} }, checkSchemas: false }, /strict mode: unknown keyword: "propertys"/);
  refused({ body: { type: "string", clean: { trim: false } }, checkSchemas: false }, /keyword "clean" value is invalid/);
  refused({ checkSchemas: "no" }, /option `checkSchemas` must be true or false/);
});

test("a bad value is named with what was expected and what came", () => {
  refused({ body: true }, /option `body` must be a JSON Schema object, got true/);
  refused({ query: [] }, /option `query` must be a JSON Schema object/);
  refused({ paramsOf: {} }, /option `paramsOf` must be a function/);
  refused({ limits: 5 }, /option `limits` must be an object of limits, got 5/);
  refused({ limits: { depth: 0 } }, /option `limits.depth` must be an integer from 1 to 1000, got 0/);
  refused({ limits: { bodyBytes: 1.5 } }, /option `limits.bodyBytes` must be an integer/);
  refused({ limits: { bodyTimeoutMs: 3e9 } }, /option `limits.bodyTimeoutMs` must be an integer from 1 to 2147483647/);
  refused({ screening: true }, /option `screening` must be false or an object/);
  refused({ screening: { mode: "warn" } }, /option `screening.mode` must be one of "block", "flag", got 'warn'/);
  refused(
    { screening: { outcomes: { sql: "off" } } },
    /unknown option `screening.outcomes.sql` \(did you mean `sqli`\?\); known options: sqli, xss, cmdi/,
  );
  refused({ screening: { outcomes: { sqli: "warn" } } }, /`screening.outcomes.sqli` must be one of "block", "flag", "off", got 'warn'/);
  refused({ screening: { thresholds: { prose: 11 } } }, /`screening.thresholds.prose` must be an integer from 1 to 10, got 11/);
  refused(
    { screening: { exclude: [{ rule: "sqli/condtion" }] } },
    /`screening.exclude\[0\].rule` must be the id of a rule .*, got "sqli\/condtion" \(did you mean sqli\/condition\?\)$/,
  );
  refused({ screening: { exclude: [{ rule: "xs/*" }] } }, /got "xs\/\*" \(did you mean xss\/\*\?\)$/);
  refused({ screening: { exclude: [{ rule: "anything" }] } }, /must be the id of a rule .*, got "anything"$/);
  refused({ screening: { exclude: [{ field: "#/a" }] } }, /`screening.exclude\[0\].rule` must be the id of a rule, got undefined/);
  refused({ screening: { exclude: [{ rule: "sqli/*", field: "" }] } }, /`screening.exclude\[0\].field` must be a JSON pointer such as/);
  refused(
    { screening: { exclude: [{ rule: "sqli/*", field: "/note" }] } },
    /such as #\/messages\/\*\/content, or the name .*, got '\/note'/,
  );
  refused({ screening: { exclude: [{ rule: 5 }] } }, /`screening.exclude\[0\].rule` must be the id of a rule, got 5/);
  refused("body", /options must be an object, got string/);
});

test("a schema that is not valid is refused with its reason", () => {
  refused({ body: { type: "objekt" } }, /option `body` must be a valid JSON Schema \(draft-07 or 2020-12, strict\): .*type/);
  refused({ body: { type: "object", propertys: {} } }, /strict mode: unknown keyword: "propertys"/);
  refused({ query: { type: "object", properties: { a: { type: "string", screen: "lenient" } } } }, /option `query` .*screen/);
  refused({ body: { type: "object", properties: { a: { type: "integer", screen: "prose" } } } }, /screen/);
  for (const screen of ["off", "pros", true, { off: "" }, { conversation: "off" }]) {
    refused(
      { body: { type: "object", properties: { a: { type: "string", screen } } } },
      /: keyword "screen" value is invalid at path "#\/properties\/a": it must be one of "strict", "prose", "model", or an object such as \{ "conversation": "prose" \}, \{ "flag": "prose" \} or \{ "off": "why it is not screened" \}$/,
    );
  }
  refused({ body: { type: "string", clean: { trim: false } } }, /keyword "clean" value is invalid/);
  refused(
    { body: { type: "string", clean: {} } },
    /keyword "clean" value is invalid .*: it must be an object of one or more of \{ "html": "text", .*"trim": true \}$/,
  );
  refused({ headers: { type: "object", properties: { "X-Id": { type: "string" } } } }, /lower case, got "X-Id"; write "x-id"/);
});

test("changing the schema or the options later changes nothing", () => {
  const schema = { type: "object", properties: { a: { type: "integer", enum: [1] } } };
  const options: SanitizeInputOptions = { query: schema, limits: { queryParameters: 5 } };
  const handler = sanitizeInput(options);
  schema.properties.a.enum.push(2);
  options.limits = { queryParameters: 0 };
  const results: unknown[] = [];
  for (const url of ["/?a=1", "/?a=2"])
    handler({ url, headers: {}, rawHeaders: [], method: "GET" } as never, {} as never, (error) => results.push(error));
  assert.equal(results[0], undefined);
  assert.equal(Reflect.get(Object(results[1]), "type"), "invalid-input");
});

test("the handler has a name", () => {
  assert.equal(sanitizeInput().name, "sanitizeInputHandler");
});
