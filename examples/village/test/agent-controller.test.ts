import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { listen, type RunningServer, startDownstream, eventually } from "@aivillage/testing";

import { agentController } from "../src/agent-controller.ts";
import { knowledgeSystem } from "../src/knowledge-system.ts";

const nowhere = "http://127.0.0.1:1";

const post = (service: RunningServer, body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${service.url}/v1/query`, {
    method: "POST",
    ...init,
    headers: { "Content-Type": "application/json", ...(init.headers as Record<string, string> | undefined) },
    body: JSON.stringify(body),
  });

async function assertProblem(response: Response, status: number, detail: RegExp): Promise<void> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.match(((await response.json()) as { detail: string }).detail, detail);
}

describe("the arithmetic agent", () => {
  const answers: readonly (readonly [query: string, answer: string])[] = [
    ["what is 12 * 7?", "12 * 7 = 84"],
    ["What's 12 x 7", "12 * 7 = 84"],
    ["5 plus 6 times 2", "5 + 6 * 2 = 17"],
    ["Please calculate (2 + 3) divided by 4 =", "(2 + 3) / 4 = 1.25"],
    ["2 to the power of 10", "2 ^ 10 = 1024"],
    ["0.1 + 0.2", "0.1 + 0.2 = 0.3"],
    ["how much is 1 / 3?", "1 / 3 ≈ 0.333333333333"],
    ["7 - 9", "7 - 9 = -2"],
    ["1 / 0", "1 / 0 has no finite result."],
    ["what is (1 + 2", "I cannot calculate (1 + 2: a bracket is not closed."],
  ];
  for (const [query, answer] of answers) {
    test(`${query} -> ${answer}`, async () => {
      await using controller = await listen(agentController({ knowledgeUrl: nowhere }));
      const response = await post(controller, { query, session_id: "s" });
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { answer, agent: "arithmetic", sources: [], session_id: "s" });
    });
  }
});

describe("the knowledge agent", () => {
  test("takes everything else from the knowledge system", async () => {
    await using knowledge = await listen(knowledgeSystem());
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url }));
    const response = await post(controller, { query: "What is the capital of France?" });
    assert.equal(response.status, 200);
    const { answer, agent, sources } = (await response.json()) as { answer: string; agent: string; sources: { title: string }[] };
    assert.equal(answer, "The capital of France is Paris.");
    assert.equal(agent, "knowledge");
    assert.equal(sources[0]?.title, "France");
  });

  test("hands on the query, the session, the options, the request id and the trace", async () => {
    await using knowledge = await startDownstream({ body: { answer: "a", sources: [] } });
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url }));
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { "X-Request-Id": "request-7", traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "vendor=1" };
    const response = await post(controller, { query: "Why?", session_id: "s-1", options: { max_tokens: 9 } }, { headers });
    assert.equal(response.status, 200);

    const [received] = knowledge.received;
    assert.ok(received);
    assert.equal(`${received.method} ${received.url}`, "POST /v1/query");
    assert.deepEqual(JSON.parse(received.body.toString()), { query: "Why?", session_id: "s-1", options: { max_tokens: 9 } });
    assert.equal(received.headers["x-request-id"], "request-7");
    assert.match(String(received.headers["traceparent"]), new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    assert.equal(received.headers["tracestate"], "vendor=1");
  });

  test("a knowledge system that is down is 503 with Retry-After", async () => {
    await using controller = await listen(agentController({ knowledgeUrl: nowhere }));
    const response = await post(controller, { query: "Why?" });
    assert.equal(response.headers.get("retry-after"), "5");
    await assertProblem(response, 503, /cannot be reached/);
  });

  test("one that does not respond in time is 504, and is asked no longer", async () => {
    await using knowledge = await startDownstream({ hang: true });
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url, timeoutMs: 100 }));
    // On a busy machine the time may be over before the question has arrived.
    await eventually(async () => {
      await assertProblem(await post(controller, { query: "Why?" }), 504, /in time/);
      return knowledge.received.length > 0;
    }, "a question arrives");
    await eventually(() => knowledge.received[0]?.clientLeftAt !== undefined, "the request is cancelled");
  });

  test("one that fails, or talks about something else, is 502", async () => {
    await using knowledge = await startDownstream({ status: 500 });
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url }));
    await assertProblem(await post(controller, { query: "Why?" }), 502, /status 500/);
    knowledge.script = { body: { weather: "fine" } };
    await assertProblem(await post(controller, { query: "Why?" }), 502, /no `answer`/);
    knowledge.script = { body: "<html>" };
    await assertProblem(await post(controller, { query: "Why?" }), 502, /JSON/);
  });

  test("what it refuses is refused with its words", async () => {
    await using knowledge = await listen(knowledgeSystem());
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url }));
    const response = await post(controller, { query: "Why?", options: { max_tokens: -1 } });
    await assertProblem(response, 400, /`options.max_tokens` must be a positive integer/);
  });

  test("a client that leaves ends the question", async () => {
    await using knowledge = await startDownstream({ hang: true });
    await using controller = await listen(agentController({ knowledgeUrl: knowledge.url }));
    const client = new AbortController();
    const asked = post(controller, { query: "Why?" }, { signal: client.signal });
    await eventually(() => knowledge.received[0]?.complete === true, "the question arrives");
    client.abort();
    await assert.rejects(asked, { name: "AbortError" });
    await eventually(() => knowledge.received[0]?.clientLeftAt !== undefined, "the question is cancelled");
  });
});

test("responses to bad requests say what is wrong, and the health is reported", async () => {
  await using controller = await listen(agentController({ knowledgeUrl: nowhere }));
  await assertProblem(await post(controller, { query: "" }), 400, /`query`/);
  await assertProblem(await post(controller, [1]), 400, /JSON object/);
  assert.deepEqual(await (await fetch(`${controller.url}/healthz`)).json(), { status: "healthy" });
});
