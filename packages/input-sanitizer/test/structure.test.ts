import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";

import { anything, assertProblem, post } from "./problem-app.ts";

const body = anything;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

forEachHost((host) => {
  test("depth is limited, for objects and arrays together", async () => {
    assert.equal((await post(host, { body }, nested(32))).status, 200);
    assertProblem(await post(host, { body }, nested(33)), 422, "input-too-complex", /more than 32 levels/);
    assert.equal((await post(host, { body, limits: { depth: 2 } }, '[{"a":1}]')).status, 200);
    assertProblem(await post(host, { body, limits: { depth: 2 } }, '[{"a":[]}]'), 422, "input-too-complex");
    assert.equal((await post(host, { body, limits: { depth: 1 }, screening: false }, '["[[[["]')).status, 200);
  });

  test("a megabyte of brackets is refused", async () => {
    assertProblem(await post(host, { body }, "[".repeat(1_000_000)), 422, "input-too-complex");
    assertProblem(await post(host, { body }, '{"a":'.repeat(200_000)), 422, "input-too-complex");
  });

  test("keys are counted over the whole document", async () => {
    const limits = { keys: 3 };
    assert.equal((await post(host, { body, limits, screening: false }, [{ a: 1 }, { a: ":" }, { a: 3 }])).status, 200);
    assertProblem(await post(host, { body, limits }, [{ a: 1 }, { a: 2 }, { a: { b: 1 } }]), 422, "input-too-complex", /more than 3 keys/);
  });

  test("arrays and strings have limits that name the place", async () => {
    const limits = { arrayLength: 3, stringLength: 5 };
    assert.equal((await post(host, { body, limits }, { a: [1, 2, 3], b: "12345" })).status, 200);
    const array = await post(host, { body, limits }, { a: { b: [1, 2, 3, 4] } });
    assertProblem(array, 422, "input-too-complex");
    assert.deepEqual(array.json.errors, [{ detail: "an array of more than 3 members", pointer: "#/a/b" }]);
    const string = await post(host, { body, limits }, { a: [["123456"]] });
    assert.deepEqual(string.json.errors, [{ detail: "a string of more than 5 characters", pointer: "#/a/0/0" }]);
    assertProblem(await post(host, { body, limits }, { "123456": 1 }), 422, "input-too-complex");
  });

  test("keys that pollute prototypes or are operators are refused at any depth, in any spelling", async () => {
    const cases: [string, string][] = [
      ['{"__proto__":{"admin":true}}', "#/__proto__"],
      ['{"a":[{"\\u005f_proto__":{"admin":true}}]}', "#/a/0/__proto__"],
      ['{"constructor":{"prototype":{"admin":true}}}', "#/constructor"],
      ['{"a":{"constructor.prototype.admin":true}}', "#/a/constructor.prototype.admin"],
      ['{"user":{"$ne":null}}', "#/user/$ne"],
      ['{"user.$where":"1"}', "#/user.$where"],
    ];
    for (const [text, pointer] of cases) {
      const response = await post(host, { body, screening: false }, text);
      assertProblem(response, 400, "forbidden-key");
      assert.deepEqual(response.json.errors, [{ detail: "this key is not allowed", pointer }], text);
    }
    assert.equal(Reflect.get({}, "admin"), undefined);
    assert.ok(!Object.hasOwn(Object.prototype, "admin"));
  });

  test("innocent names pass: a constructor by itself, prices, and the keywords of a JSON Schema", async () => {
    const document = {
      constructor: "Ferrari",
      prototype: 2,
      "price in US$": 3,
      parameters: { $schema: "http://json-schema.org/draft-07/schema#", $defs: {}, $ref: "#/x" },
    };
    const response = await post(host, { body }, document);
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(response.json.body, document);
  });

  test("a pointer that would be too long ends at an ancestor", async () => {
    const response = await post(host, { body, limits: { keys: 10 } }, { ["k".repeat(200)]: { ["l".repeat(200)]: { __proto: 1, $x: 1 } } });
    assertProblem(response, 400, "forbidden-key");
    assert.equal(response.json.errors?.[0]?.["pointer"], `#/${"k".repeat(200)}`);
  });
});
