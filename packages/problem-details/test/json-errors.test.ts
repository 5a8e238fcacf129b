import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem, type HttpProblemInit } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { type ErrorMemberOption, problemDetails } from "../src/index.ts";

const init = {
  status: 429,
  type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  title: "Quota exceeded",
  detail: "Try again in 7 s.",
};

forEachHost((host) => {
  const errorOf = async (problem: HttpProblemInit): Promise<unknown> => {
    await using app = await host.serve([(_req, _res, next) => next(new HttpProblem(problem))], problemDetails({ errorMember: true }));
    return ((await (await fetch(app.url)).json()) as { error: unknown }).error;
  };

  test("the media type can be application/json, with the same document", async () => {
    await using app = await host.serve(
      [(_req, _res, next) => next(new HttpProblem(init))],
      problemDetails({ mediaType: "application/json" }),
    );
    const response = await fetch(app.url);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), init);
  });

  test("the member error has what SDKs read", async () => {
    assert.deepEqual(await errorOf(init), {
      message: "Try again in 7 s.",
      type: "rate_limit_error",
      param: null,
      code: "quota-exceeded",
    });
    assert.deepEqual(await errorOf({ status: 422, type: "invalid-body" }), {
      message: "Unprocessable Entity",
      type: "invalid_request_error",
      param: null,
      code: "invalid-body",
    });
  });

  test("the message has the first of several errors, which SDKs would not show", async () => {
    const errors = [{ pointer: "#/a", detail: "must be a string" }, { pointer: "#/b" }];
    const messageFor = async (extensions: Record<string, unknown>): Promise<unknown> =>
      ((await errorOf({ status: 422, detail: "Not as expected.", extensions })) as { message: unknown }).message;
    assert.equal(await messageFor({ errors }), "Not as expected. #/a: must be a string");
    for (const odd of [[], "none", [null], [{ place: 1 }]]) assert.equal(await messageFor({ errors: odd }), "Not as expected.");
  });

  test("the member error keeps back what the client may not read", async () => {
    assert.deepEqual(await errorOf({ status: 503, detail: "db-7 is down", expose: false }), {
      message: "Service Unavailable",
      type: "overloaded_error",
      param: null,
      code: null,
    });
  });

  const responseTo = async (errorMember: ErrorMemberOption, problem: HttpProblemInit): Promise<[Headers, Record<string, unknown>]> => {
    const options = { errorMember, requestId: () => "r-1" };
    await using app = await host.serve([(_req, _res, next) => next(new HttpProblem(problem))], problemDetails(options));
    const response = await fetch(app.url);
    return [response.headers, (await response.json()) as Record<string, unknown>];
  };
  const wait = (seconds: number | string): HttpProblemInit => ({ ...init, headers: { "Retry-After": String(seconds) } });
  const retryHeaders = (headers: Headers) => ["retry-after", "retry-after-ms", "x-should-retry"].map((name) => headers.get(name));

  test("the form of Anthropic is an error by its type, as JSON, with the request id where its SDK reads it", async () => {
    const [headers, document] = await responseTo("anthropic", init);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("request-id"), "r-1");
    assert.equal(document["type"], "error");
    assert.equal(document["request_id"], "r-1");
    assert.deepEqual([document["status"], document["detail"]], [429, init.detail]);
    assert.deepEqual(document["error"], { message: init.detail, type: "rate_limit_error", param: null, code: "quota-exceeded" });
  });

  test("the form of OpenAI is a problem document, with the request id where its SDK reads it", async () => {
    const [headers, document] = await responseTo("openai", init);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("x-request-id"), "r-1");
    assert.equal(document["type"], init.type);
  });

  test("SDKs are asked not to sleep through a wait of more than a minute", async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    for (const form of ["openai", "anthropic"] as const) {
      assert.deepEqual(retryHeaders((await responseTo(form, wait(60)))[0]), ["60", "60000", null]);
      for (const long of [61, inAnHour]) assert.deepEqual(retryHeaders((await responseTo(form, wait(long)))[0]), [null, null, "false"]);
      assert.deepEqual(retryHeaders((await responseTo(form, init))[0]), [null, null, null]);
      assert.deepEqual(retryHeaders((await responseTo(form, wait("soon")))[0]), ["soon", null, null]);
    }
    assert.deepEqual(retryHeaders((await responseTo(true, wait(61)))[0]), ["61", null, "false"]);
    assert.deepEqual(retryHeaders((await responseTo(true, wait(60)))[0]), ["60", null, null]);
    assert.deepEqual(retryHeaders((await responseTo(false, wait(61)))[0]), ["61", null, null]);
  });

  test("a function chooses the form by request, and one that fails chooses none", async () => {
    const byPath: ErrorMemberOption = (req) => (req.url === "/" ? "anthropic" : undefined);
    assert.equal((await responseTo(byPath, init))[1]["type"], "error");
    for (const failing of [() => assert.fail("no form"), () => undefined, () => "other" as "openai"]) {
      assert.equal((await responseTo(failing, init))[1]["error"], undefined);
    }
  });

  test("clients of Anthropic get a type that they know, also from a problem that brings its own member error", async () => {
    const typeFor = async (status: number, type: string): Promise<unknown> => {
      const problem = { status, extensions: { error: { message: "No.", type, code: "c", param: null } } };
      const { error } = (await responseTo("anthropic", problem))[1] as { error: Record<string, unknown> };
      assert.deepEqual({ ...error, type: "" }, { message: "No.", type: "", code: "c", param: null });
      return error["type"];
    };
    assert.equal(await typeFor(429, "insufficient_quota"), "rate_limit_error");
    assert.equal(await typeFor(503, "server_error"), "overloaded_error");
    assert.equal(await typeFor(403, "invalid_request_error"), "invalid_request_error");
  });

  test("a problem that brings its own member error keeps it, unless the client may not read it", async () => {
    const error = { message: "Choose another model.", code: "model-not-allowed" };
    assert.deepEqual(await errorOf({ status: 403, extensions: { error } }), error);
    assert.deepEqual(await errorOf({ status: 403, extensions: { error }, expose: false }), {
      message: "Forbidden",
      type: "permission_error",
      param: null,
      code: null,
    });
  });
});
