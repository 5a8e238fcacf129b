import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";

import { inputFlagged, inputRefused, type ScreeningOptions } from "../src/index.ts";
import { assertProblem, post, send } from "./problem-app.ts";

const body = {
  type: "object",
  additionalProperties: false,
  properties: { q: { type: "string", screen: "prose" }, id: { type: "string" }, raw: { type: "string", screen: { off: "kept as it is" } } },
};
const sql = "mia' or 'q'='q";
const markup = "<img src=x onerror=prompt(4)>";

forEachHost((host) => {
  const ask = (screening: ScreeningOptions, document: object) => post(host, { body, screening }, document);

  test("a class that is flagged passes, and is told at getInput() and by an event", async () => {
    const told: string[] = [];
    const stops = [
      inputFlagged.subscribe(({ findings }) => told.push(...findings.map((finding) => `flagged ${finding.class}`))),
      inputRefused.subscribe(({ findings }) => told.push(...findings.map((finding) => `refused ${finding.class}`))),
    ];
    try {
      const answer = await ask({ outcomes: { sqli: "flag" } }, { q: sql });
      assert.equal(answer.status, 200);
      assert.partialDeepStrictEqual(answer.json.findings?.[0], { class: "sqli", location: "body", pointer: "#/q" });
    } finally {
      for (const stop of stops) stop();
    }
    assert.deepEqual([...new Set(told)], ["flagged sqli"]);
  });

  test("a refusal names the rules that refuse and not those that are flagged", async () => {
    const answer = await ask({ outcomes: { sqli: "flag" } }, { q: `${sql} ${markup}` });
    assertProblem(answer, 422, "input-refused");
    const rules = (answer.json.errors ?? []).map(({ rule }) => rule);
    assert.ok(rules.length > 0);
    assert.ok(
      rules.every((rule) => rule?.startsWith("xss/")),
      rules.join(" "),
    );
  });

  test("a class that is off is not looked at", async () => {
    const answer = await ask({ outcomes: { sqli: "off" } }, { q: sql });
    assert.deepEqual([answer.status, answer.json.findings], [200, []]);
    assertProblem(await ask({ outcomes: { sqli: "off" } }, { q: markup }), 422, "input-refused");
  });

  test("a rule can be excluded everywhere, at one place, and with its whole class", async () => {
    const text = { q: "x <iframe src=/a></iframe>" };
    assertProblem(await ask({}, text), 422, "input-refused");
    assert.equal((await ask({ exclude: [{ rule: "xss/active-element" }] }, text)).status, 200);
    assert.equal((await ask({ exclude: [{ rule: "xss/*", at: "#/q" }] }, text)).status, 200);
    assertProblem(await ask({ exclude: [{ rule: "xss/*", at: "#/id" }] }, text), 422, "input-refused");
    assertProblem(await ask({ exclude: [{ rule: "xss/script-url" }] }, text), 422, "input-refused");
  });

  test("an exclusion works for a parameter by its name", async () => {
    const exclude = [{ rule: "syntax/sign", at: "filter" }];
    assert.equal((await send(host, { screening: { exclude } }, "/?filter=a|b")).status, 200);
    assertProblem(await send(host, { screening: { exclude } }, "/?other=a|b"), 422, "input-refused");
  });

  test("thresholds move what counts", async () => {
    const text = { q: "x <iframe src=/a></iframe>" };
    assert.equal((await ask({ thresholds: { prose: 8 } }, text)).status, 200);
    assertProblem(await ask({ thresholds: { prose: 4 } }, { q: "What is in /etc/passwd?" }), 422, "input-refused");
  });

  test("a field that is off for a reason may carry anything", async () => {
    assert.equal((await ask({}, { raw: `${sql} ${markup} ../../../etc/passwd` })).status, 200);
    assertProblem(await ask({}, { raw: "fine", id: sql }), 422, "input-refused");
  });

  test("a strict field lets names pass and refuses whole statements and commands", async () => {
    for (const id of ["Renée d'Arc", "report (final) 2.pdf", "a_b-4.2", "2026-01-31T10:00:00+01:00", "https://example.org/a?b=1#c"]) {
      assert.equal((await ask({}, { id })).status, 200, id);
    }
    for (const id of ["select pin from staff", "cat notes.txt", "/etc/hosts", "a|b", "__proto__"]) {
      assertProblem(await ask({}, { id }), 422, "input-refused");
    }
  });

  test("names of keys may have signs, but no attack", async () => {
    const open = { type: "object" };
    assert.equal((await post(host, { body: open }, { "tags[]": "x", "a|b": "y", "What?": "z" })).status, 200);
    assertProblem(await post(host, { body: open }, { [markup]: "x" }), 422, "input-refused");
  });
});
