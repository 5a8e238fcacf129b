import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { HttpProblem } from "@aivillage/middleware";
import { codeBlocks, listen, readFromRoot } from "@aivillage/testing";

import { problemDetails } from "../src/index.ts";

/** Has the members of Nest's class that its filters read. */
class HttpException extends Error {
  readonly #response: string | object;
  readonly #status: number;

  constructor(response: string | object, status: number) {
    super(typeof response === "string" ? response : "Http Exception");
    this.#response = response;
    this.#status = status;
  }

  getResponse(): string | object {
    return this.#response;
  }

  getStatus(): number {
    return this.#status;
  }
}

interface Filter {
  readonly catch: (error: unknown, host: object) => void;
}

test("the filter of the compatibility page keeps the messages of Nest's 4xx exceptions, and no others", async () => {
  const block = codeBlocks(readFromRoot("docs/compatibility.md")).find(({ code }) => code.includes("HttpException"));
  assert.ok(block !== undefined);
  const context = { sendProblem: problemDetails(), HttpException, HttpProblem };
  const { catch: handle } = runInNewContext(`${block.code}\nfilter;`, context) as Filter;
  const respond = async (error: unknown): Promise<unknown> => {
    const http = (req: IncomingMessage, res: ServerResponse) => ({ getRequest: () => req, getResponse: () => res });
    await using server = await listen((req, res) => handle(error, { switchToHttp: () => http(req, res) }));
    const response = await fetch(server.url);
    const { detail } = (await response.json()) as { detail?: string };
    return [response.status, response.headers.get("content-type"), detail];
  };
  const type = "application/problem+json";
  assert.deepEqual(await respond(new HttpException("no user 7", 404)), [404, type, "no user 7"]);
  assert.deepEqual(await respond(new HttpException({ statusCode: 404, message: "no user 7" }, 404)), [404, type, "no user 7"]);
  const invalid = { statusCode: 400, error: "Bad Request", message: ["name must be a string", "age must be a number"] };
  assert.deepEqual(await respond(new HttpException(invalid, 400)), [400, type, "name must be a string; age must be a number"]);
  assert.deepEqual(await respond(new HttpException("password of the database", 500)), [500, type, undefined]);
  assert.deepEqual(await respond(new Error("secret")), [500, type, undefined]);
  assert.deepEqual(await respond(new HttpProblem({ status: 429, detail: "Slow down." })), [429, type, "Slow down."]);
});
