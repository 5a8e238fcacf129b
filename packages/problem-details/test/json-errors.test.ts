import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem, type HttpProblemInit } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { problemDetails } from "../src/index.ts";

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

  test("the member error keeps back what the client may not read", async () => {
    assert.deepEqual(await errorOf({ status: 503, detail: "db-7 is down", expose: false }), {
      message: "Service Unavailable",
      type: "overloaded_error",
      param: null,
      code: null,
    });
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
