import assert from "node:assert/strict";

import { key } from "./app.mjs";

const bearer = { authorization: `Bearer ${key}` };
const jsonType = { "content-type": "application/json" };
const post = (body, headers = jsonType) => ({ method: "POST", headers, body });

/** Each gets `send`, the lines of the access log and, where there is one, the URL; `problems`: errors are problem documents. */
export const checks = {
  async "a handler responds"({ send }) {
    const { status, text } = await send("/hello");
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).hello, "world");
  },
  async "the client's address is known"({ send }) {
    assert.match(JSON.parse((await send("/hello")).text).address, /^(127\.0\.0\.1|::1)$/);
  },
  async "the caller's request id comes back"({ send }) {
    assert.equal((await send("/hello", { headers: { "x-request-id": "r-1" } })).headers.get("x-request-id"), "r-1");
  },
  async "security headers are sent"({ send }) {
    const { headers } = await send("/hello");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.match(headers.get("content-security-policy"), /default-src 'none'/);
    assert.match(headers.get("strict-transport-security"), /max-age=63072000/);
  },
  async "X-Powered-By is removed"({ send }) {
    assert.equal((await send("/hello")).headers.get("x-powered-by"), null);
  },
  async "the access log has a line"({ send, lines }) {
    await send("/hello", { headers: { "x-request-id": "line" } });
    const line = await untilFound(() => lines.find(({ request_id }) => request_id === "line"));
    assert.deepEqual([line.status, line.path, line.outcome], [200, "/hello", "completed"]);
  },
  async "the access log counts bytes"({ send, lines }) {
    await send("/hello", { headers: { "x-request-id": "bytes" } });
    const line = await untilFound(() => lines.find(({ request_id }) => request_id === "bytes"));
    assert.ok(
      line.response_bytes > 0 && line.request_bytes > 0,
      `request_bytes ${line.request_bytes}, response_bytes ${line.response_bytes}`,
    );
  },
  async "metrics are shown and count"({ send }) {
    const { status, text } = await send("/metrics");
    assert.equal(status, 200);
    assert.match(text, /gateway_requests_total\{[^}]*endpoint="\/hello"[^}]*\} [1-9]/);
  },
  async "a valid key is accepted"({ send }) {
    assert.equal(JSON.parse((await send("/private", { headers: bearer })).text).id, "ada");
    assert.equal(JSON.parse((await send("/private", { headers: { "x-api-key": key } })).text).id, "ada");
  },
  async "a valid body reaches the handler"({ send }) {
    const { status, text } = await send("/echo", post('{"text":"hello"}'));
    assert.equal(status, 200, text);
    assert.deepEqual(JSON.parse(text), { text: "hello" });
  },
  async "a file is received"({ send }) {
    const form = new FormData();
    form.append("file", new Blob(["hello"], { type: "text/plain" }), "a.txt");
    const encoded = new Response(form);
    const body = Buffer.from(await encoded.arrayBuffer());
    const { status, text } = await send("/upload", post(body, { "content-type": encoded.headers.get("content-type") }));
    assert.equal(status, 200, text);
    assert.match(text, /2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824/);
  },
  async "a proxied response arrives"({ send }) {
    const { status, text } = await send("/proxy/a");
    assert.equal(status, 200, text);
    assert.equal(JSON.parse(text).method, "GET");
  },
  async "a proxied request body arrives"({ send }) {
    const { status, text } = await send("/proxy/a", post('{"text":"hello"}'));
    assert.equal(status, 200, text);
    assert.deepEqual(JSON.parse(JSON.parse(text).body), { text: "hello" });
  },
  async "an event stream arrives event by event"({ send, chunks }) {
    assert.ok(chunks, "the response comes as a whole");
    let text = "";
    for await (const chunk of chunks("/proxy/events")) {
      if (text === "") await send("/proxy/release");
      text += chunk;
    }
    assert.match(text, /data: 1[\s\S]*data: 3/);
  },
  async "health and liveness respond, HEAD without a body"({ send }) {
    assert.equal(JSON.parse((await send("/livez")).text).status, "alive");
    // The first probe of a cold process can take longer than the first caller may wait.
    const report = await untilFound(async () => ((await send("/healthz")).status === 200 ? await send("/healthz") : undefined));
    assert.equal(JSON.parse(report.text).status, "healthy");
    const { status, text } = await send("/livez", { method: "HEAD" });
    assert.deepEqual([status, text], [200, ""]);
  },
  async "a limited response says how much is left"({ send }) {
    const { status, headers } = await send("/limited");
    assert.deepEqual([status, headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")], [200, "1", "0"]);
  },
  async "GraphQL beside ours responds"({ send, graphql }) {
    if (graphql !== true) return;
    assert.deepEqual(JSON.parse((await send("/graphql", post('{"query":"{ hello }"}'))).text).data, { hello: "world" });
  },
  ...refusal("401 with WWW-Authenticate", "/private", {}, 401, { "www-authenticate": /^Bearer realm="api"/ }),
  ...refusal("403 with WWW-Authenticate", "/scoped", { headers: bearer }, 403, { "www-authenticate": /insufficient_scope.*scope="write"/ }),
  ...refusal("405 with Allow", "/livez", { method: "DELETE" }, 405, { allow: /^GET, HEAD$/ }),
  ...refusal("413", "/echo", post(JSON.stringify({ text: "x".repeat(2_000) })), 413, {}),
  ...refusal("415", "/echo", post("<a/>", { "content-type": "application/xml" }), 415, {}),
  ...refusal("422", "/echo", post('{"text":1}'), 422, {}),
  ...refusal("429 with Retry-After", "/limited", {}, 429, { "retry-after": /^\d+$/ }),
  ...refusal("an error of the application with its own header", "/coffee", {}, 418, { "x-tea": /^green$/ }),
  ...refusal("502 for an upstream that is down", "/dead/a", {}, 502, {}),
  async "500 for an unexpected error"({ send, problems }) {
    const { status, headers, text } = await send("/broken");
    assert.equal(status, 500);
    if (!problems) return;
    assert.match(headers.get("content-type"), /^application\/problem\+json/);
    assert.doesNotMatch(text, /secret/);
  },
  async "security headers on an error"({ send }) {
    assert.equal((await send("/private")).headers.get("x-frame-options"), "DENY");
  },
};

function refusal(name, path, init, expected, fields) {
  return {
    async [name]({ send, problems }) {
      const { status, headers, text } = await send(path, init);
      assert.equal(status, expected, text.slice(0, 200));
      for (const [field, value] of Object.entries(fields)) assert.match(String(headers.get(field)), value, field);
      if (!problems) return;
      assert.match(headers.get("content-type"), /^application\/problem\+json/);
      assert.equal(JSON.parse(text).status, expected);
    },
  };
}

async function untilFound(look) {
  for (let turn = 0; turn < 200; turn += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nothing came");
}
