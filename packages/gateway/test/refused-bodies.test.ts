import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";

import { eventually } from "@aivillage/testing";
import { registerSdk, resetSpans, takeRequest } from "@aivillage/testing/spans";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

registerSdk();

const multipart = "Content-Type: multipart/form-data; boundary=b";
const chunked = "Transfer-Encoding: chunked";
const wrongKey = "Authorization: Bearer wrong-key-0123456789";

/** A request that is refused, what the client sends behind its head, and the answer. */
const refusals = [
  { what: "an upload with a wrong key", path: "/v1/upload", head: [wrongKey, multipart, "Content-Length: 3000000"], status: 401 },
  { what: "an upload without a key", path: "/v1/upload", head: [multipart, chunked], status: 401 },
  { what: "a query with a wrong key", path: "/v1/query", head: [wrongKey, "Content-Type: application/json", chunked], status: 401 },
  { what: "an upload that is too large", path: "/v1/upload", head: ["KEY", multipart, "Content-Length: 12000000"], status: 413 },
  {
    what: "a query that is too large",
    path: "/v1/query",
    head: ["KEY", "Content-Type: application/json", "Content-Length: 12000000"],
    status: 413,
  },
] as const;

/** Goes on sending a body of zeros, bit by bit, until the connection is gone. */
function sendSlowly(socket: Socket, isChunked: boolean): void {
  const timer = setInterval(() => socket.write(isChunked ? "1\r\n0\r\n" : "0"), 10);
  socket.once("close", () => clearInterval(timer));
}

void describe("a client that gets its refusal whole and leaves while its body is on its way", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway[Symbol.asyncDispose]());
  beforeEach(() => resetSpans());

  const counted = async (path: string, status: number): Promise<number> => {
    const text = await gateway.gateway.registry.metrics();
    const series = `gateway_requests_total{method="POST",endpoint="${path}",status="${status}"} `;
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(series))
        ?.slice(series.length) ?? 0,
    );
  };
  const open = (path: string, head: readonly string[]): { socket: Socket; received: () => string } => {
    let received = "";
    const fields = head.map((field) => (field === "KEY" ? `Authorization: ${gateway.authorization.authorization}` : field));
    const socket = connect(gateway.port, "127.0.0.1");
    socket.on("data", (chunk) => (received += chunk.toString())).on("error", () => undefined);
    socket.write([`POST ${path} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n"));
    return { socket, received: () => received };
  };
  /** Waits for the one line that the request leaves behind what was logged before. */
  const lineAfter = async (logged: number) => {
    const lines = () => gateway.log.slice(logged).filter(({ message }) => message.startsWith("request "));
    await eventually(() => lines().length > 0, "the line of the request");
    const [line] = lines();
    return { level: line?.level, status: line?.["status"], outcome: line?.["outcome"], message: line?.message };
  };

  for (const { what, path, head, status } of refusals) {
    for (const leave of ["end", "resetAndDestroy"] as const) {
      test(`${what} is logged, counted and traced as ${status}, also when the client leaves by ${leave}()`, async () => {
        const [logged, before499, beforeStatus] = [gateway.log.length, await counted(path, 499), await counted(path, status)];
        const { socket, received } = open(path, head);
        sendSlowly(
          socket,
          head.some((field) => field === chunked),
        );
        await eventually(() => received().endsWith("}"), "the whole answer");
        assert.match(received(), new RegExp(`^HTTP/1\\.1 ${status} `));
        socket[leave]();
        const level = status === 401 ? "warn" : "info";
        assert.deepEqual(await lineAfter(logged), { level, status, outcome: "completed", message: "request completed" });
        assert.deepEqual([await counted(path, status), await counted(path, 499)], [beforeStatus + 1, before499]);
        const { server } = await takeRequest();
        assert.deepEqual([server.attributes["http.response.status_code"], server.attributes["error.type"]], [status, undefined]);
        socket.destroy();
      });
    }
  }

  test("one that leaves before there is a response is a 499 in log and metric", async () => {
    const [logged, before499] = [gateway.log.length, await counted("/v1/query", 499)];
    const { socket } = open("/v1/query", ["KEY", "Content-Type: application/json", "Content-Length: 100"]);
    socket.write("{", () => setTimeout(() => socket.resetAndDestroy(), 100));
    assert.deepEqual(await lineAfter(logged), { level: "info", status: 499, outcome: "aborted", message: "request aborted" });
    assert.equal(await counted("/v1/query", 499), before499 + 1);
    assert.equal((await takeRequest()).server.attributes["error.type"], "aborted");
  });
});
