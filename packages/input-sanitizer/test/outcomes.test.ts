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

  test("a class that is flagged passes, and is reported at getInput() and by an event", async () => {
    const told: string[] = [];
    const stops = [
      inputFlagged.subscribe(({ findings }) => told.push(...findings.map((finding) => `flagged ${finding.class}`))),
      inputRefused.subscribe(({ findings }) => told.push(...findings.map((finding) => `refused ${finding.class}`))),
    ];
    try {
      const response = await ask({ outcomes: { sqli: "flag" } }, { q: sql });
      assert.equal(response.status, 200);
      assert.partialDeepStrictEqual(response.json.findings?.[0], { class: "sqli", location: "body", pointer: "#/q" });
    } finally {
      for (const stop of stops) stop();
    }
    assert.deepEqual([...new Set(told)], ["flagged sqli"]);
  });

  test("a refusal names the rules that refuse and not those that are flagged", async () => {
    const response = await ask({ outcomes: { sqli: "flag" } }, { q: `${sql} ${markup}` });
    assertProblem(response, 422, "input-refused");
    const rules = (response.json.errors ?? []).map(({ rule }) => rule);
    assert.ok(rules.length > 0);
    assert.ok(
      rules.every((rule) => rule?.startsWith("xss/")),
      rules.join(" "),
    );
  });

  test("a class that is off is not looked at", async () => {
    const response = await ask({ outcomes: { sqli: "off" } }, { q: sql });
    assert.deepEqual([response.status, response.json.findings], [200, []]);
    assertProblem(await ask({ outcomes: { sqli: "off" } }, { q: markup }), 422, "input-refused");
  });

  test("a rule can be excluded everywhere, at one place, and with its whole class", async () => {
    const text = { q: "x <iframe src=/a></iframe>" };
    assertProblem(await ask({}, text), 422, "input-refused");
    assert.equal((await ask({ exclude: [{ rule: "xss/active-element" }] }, text)).status, 200);
    assert.equal((await ask({ exclude: [{ rule: "xss/*", field: "#/q" }] }, text)).status, 200);
    assertProblem(await ask({ exclude: [{ rule: "xss/*", field: "#/id" }] }, text), 422, "input-refused");
    assertProblem(await ask({ exclude: [{ rule: "xss/script-url" }] }, text), 422, "input-refused");
  });

  test("an exclusion holds for everything below a pointer, and for each member of a list", async () => {
    const list = { type: "array", items: { type: "object", properties: { text: { type: "string", screen: "prose" } } } };
    const postWith = (field: string) =>
      post(host, { body: list, screening: { exclude: [{ rule: "sqli/*", field }] } }, [{ text: "fine" }, { text: sql }]);
    for (const field of ["#", "#/1", "#/*", "#/*/text", "#/1/text"]) assert.equal((await postWith(field)).status, 200, field);
    for (const field of ["#/0", "#/*/*/text", "#/*/other", "1"]) assertProblem(await postWith(field), 422, "input-refused");
  });

  test("an exclusion works for a parameter by its name", async () => {
    const exclude = [{ rule: "syntax/sign", field: "filter" }];
    assert.equal((await send(host, { screening: { exclude } }, "/?filter=a|b")).status, 200);
    assertProblem(await send(host, { screening: { exclude } }, "/?other=a|b"), 422, "input-refused");
  });

  test("thresholds move what counts", async () => {
    const text = { q: "x <iframe src=/a></iframe>" };
    assert.equal((await ask({ thresholds: { prose: 8 } }, text)).status, 200);
    assertProblem(await ask({ thresholds: { prose: 4 } }, { q: "cat /etc/passwd" }), 422, "input-refused");
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

  test("findings that only flag, however many, do not hide one that refuses", async () => {
    const list = { type: "array", items: { type: "string", screen: "prose" } };
    const screening = { outcomes: { sqli: "flag" } } as const;
    const flagged = Array.from({ length: 50 }, () => sql);
    const passed = await post(host, { body: list, screening }, flagged);
    assert.deepEqual([passed.status, passed.json.findings?.length], [200, 20]);
    const response = await post(host, { body: list, screening }, [...flagged, markup]);
    assertProblem(response, 422, "input-refused");
    assert.equal(response.json.errors?.[0]?.["pointer"], "#/50");
  });

  test("a refusal says what was found, by which rule and where, in each part", async () => {
    const remedy = / Reword or remove that part and send the request again\.( See `errors` for everything that was found\.)?$/;
    const inBody = await ask({}, { q: `Hello ${markup}` });
    assertProblem(
      inBody,
      422,
      "input-refused",
      /^The text at #\/q looks like cross-site scripting \(xss\/[a-z-]+, characters \d+ to \d+\)\./,
    );
    assertProblem(inBody, 422, "input-refused", remedy);
    const [first] = inBody.json.errors ?? [];
    assert.partialDeepStrictEqual(first, { pointer: "#/q", offset: 6 });
    assertProblem(
      await send(host, {}, "/?a=x|y"),
      422,
      "input-refused",
      /^The parameter "a" looks like code .* \(syntax\/sign, characters 1 to 2\)\./,
    );
    const headers = { type: "object", properties: { x: { type: "string" } } };
    assertProblem(await send(host, { headers }, "/", { headers: { x: "a|b" } }), 422, "input-refused", /^The header "x" looks like/);
  });

  test("only what is an attack beyond doubt is certain", async () => {
    const certain: boolean[] = [];
    const stop = inputRefused.subscribe(({ isCertain }) => certain.push(isCertain));
    try {
      await ask({}, { id: "a|b" });
      await ask({}, { q: "' or 1=1 union select password from users -- " });
      await ask({ outcomes: { sqli: "flag" } }, { q: "' or 1=1 -- ", id: "a|b" });
    } finally {
      stop();
    }
    assert.deepEqual(certain, [false, true, false]);
  });

  test("of many findings that refuse, twenty are listed", async () => {
    const list = { type: "array", items: { type: "string", screen: "prose" } };
    const response = await post(
      host,
      { body: list },
      Array.from({ length: 50 }, () => markup),
    );
    assertProblem(response, 422, "input-refused");
    assert.equal(response.json.errors?.length, 20);
  });

  test("values of headers, path and query are strict unless their schema says otherwise", async () => {
    const text = "Where is /etc/hosts?";
    const field = (screen?: "prose") => ({ type: "object", properties: { x: { type: "string", ...(screen && { screen }) } } });
    const path = `/?x=${encodeURIComponent(text)}`;
    const routed = { paramsOf: () => ({ x: text }) };
    assertProblem(await send(host, {}, path), 422, "input-refused");
    assertProblem(await send(host, { query: field() }, path), 422, "input-refused");
    assert.equal((await send(host, { query: field("prose") }, path)).status, 200);
    assertProblem(await send(host, { headers: field() }, "/", { headers: { x: text } }), 422, "input-refused");
    assert.equal((await send(host, { headers: field("prose") }, "/", { headers: { x: text } })).status, 200);
    assertProblem(await send(host, { params: field(), ...routed }, "/"), 422, "input-refused");
    assert.equal((await send(host, { params: field("prose"), ...routed }, "/")).status, 200);
  });

  test("flagged input is reported by its location in each part, all parts together", async () => {
    const field = { type: "object", properties: { x: { type: "string" } } };
    const parts = { headers: field, params: field, query: field, body: field, paramsOf: () => ({ x: sql }) };
    const init = { method: "POST", body: JSON.stringify({ x: sql }), headers: { "Content-Type": "application/json", x: sql } };
    const response = await send(host, { ...parts, screening: { mode: "flag" } }, `/?x=${encodeURIComponent(sql)}`, init);
    assert.equal(response.status, 200);
    const places = (response.json.findings ?? []).map(({ location, pointer, parameter, header }) =>
      [location, pointer ?? parameter ?? header].join(" "),
    );
    assert.deepEqual([...new Set(places)], ["headers x", "params x", "query x", "body #/x"]);
    for (const { span, score, rule } of response.json.findings ?? []) {
      assert.ok(span[0] >= 0 && span[0] < span[1] && span[1] <= sql.length && score >= 4 && rule.length > 0);
    }
  });

  test("exclusions and thresholds hold for headers too", async () => {
    const headers = { type: "object", properties: { x: { type: "string" } } };
    const header = { headers: { x: "a|b" } };
    assertProblem(await send(host, { headers }, "/", header), 422, "input-refused");
    assert.equal((await send(host, { headers, screening: { exclude: [{ rule: "syntax/sign", field: "x" }] } }, "/", header)).status, 200);
    assert.equal((await send(host, { headers, screening: { thresholds: { strict: 10 } } }, "/", header)).status, 200);
  });
});
