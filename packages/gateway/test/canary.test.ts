import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { startDownstream, eventually } from "@aivillage/testing";

import { type HttpResponse, form, secretHeaders, send, sendMalformed, withTrailer } from "./canary-requests.ts";
import { Canaries, serve, startRefusingRedis } from "./canary-support.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-canary-"));
after(() => rmSync(folder, { recursive: true }));

const paths = ["/healthz", "/livez", "/readyz", "/metrics", "/", "/openapi.json", "/docs", "/v1/query", "/v1/chat", "/v1/upload", "/none"];
const json = { "Content-Type": "application/json" };
const exp = Math.floor(Date.now() / 1_000) + 600;

test("planted secrets appear in no log line, metric, span, error, response or crash report of a gateway that meets everything", async () => {
  const canaries = new Canaries();
  const ofServices = new Canaries();
  // Only who sent them is told the places of his problems.
  const names = new Canaries();
  await using redis = await startRefusingRedis();
  await using twin = await startDownstream();
  await using agentController = await startDownstream();
  await using knowledgeSystem = await startDownstream();
  const [apiKey, secretKey, fileKey] = ["API_KEY", "SECRET_KEY", "a key of the keys file"].map((place) => canaries.plant(place));
  assert.ok(apiKey && secretKey && fileKey);
  const keysFile = join(folder, "keys.yaml");
  writeFileSync(keysFile, `keys:\n  - id: partner\n    sha256: ${createHash("sha256").update(fileKey).digest("hex")}\n`);
  const gateway = await serve(
    {
      API_KEY: apiKey,
      SECRET_KEY: secretKey,
      API_KEYS_FILE: keysFile,
      REDIS_URL: `redis://user:${canaries.plant("the password of REDIS_URL")}@127.0.0.1:${redis.port}`,
      ANOTHER_PASSWORD: canaries.plant("a variable of another program"),
      TWIN_URL: twin.url,
      AGENT_CONTROLLER_URL: agentController.url,
      KNOWLEDGE_SYSTEM_URL: knowledgeSystem.url,
      GATEWAY_HOST: "127.0.0.1",
      LOG_LEVEL: "DEBUG",
      REQUEST_TIMEOUT: "1",
      MAX_FILE_SIZE: "1000",
      RATE_LIMIT_REQUESTS: "150",
    },
    folder,
  );
  const { port, child } = gateway;
  const responses: HttpResponse[] = [];
  const plant = (place: string): string => canaries.plant(place);
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string): Promise<HttpResponse> => {
    const response = await send(port, {
      method,
      path,
      headers: { ...secretHeaders(canaries), ...headers },
      ...(body !== undefined && { body }),
    });
    responses.push(response);
    return response;
  };
  const good = { ...json, Authorization: `Bearer ${apiKey}` };
  const chat = (authorization = good): Promise<HttpResponse> =>
    ask("POST", "/v1/chat", authorization, JSON.stringify({ message: plant("a message"), session_id: plant("a session_id") }));
  const upload = (fileBytes = 10): Promise<HttpResponse> => {
    const { headers, body } = form({
      fileName: `${plant("a file name")}.txt`,
      file: plant("a file").repeat(fileBytes),
      field: plant("a form field"),
    });
    return ask("POST", "/v1/upload", { ...good, ...headers }, body);
  };

  try {
    await eventually(() => redis.asked().includes("AUTH"), "Redis was asked with the password");
    // Everything that a service does, with secrets of its own in it.
    for (const status of [200, 404, 429, 500, 503]) {
      const secret = (place: string): string => ofServices.plant(place);
      twin.script = {
        status,
        headers: { "Set-Cookie": `id=${secret("Set-Cookie of a service")}`, "X-Internal": secret("a header of a service") },
        body: { reply: secret("the answer of a service") },
      };
      await chat();
    }
    twin.script = { body: ofServices.plant("an answer that breaks off"), reset: "mid-body" };
    await chat();
    twin.script = { reset: "before-head" };
    await chat();
    twin.script = { hang: true };
    await chat();
    twin.script = { sse: { events: [ofServices.plant("an event of a service")] } };
    await chat();
    twin.script = {};
    for (const script of [{ body: ofServices.plant("an answer that is no JSON") }, {}]) {
      agentController.script = knowledgeSystem.script = script;
      await ask("POST", "/v1/query", good, JSON.stringify({ query: plant("a query"), options: { max_tokens: 7 } }));
      await upload();
    }
    assert.equal((await upload(100)).status, 413);
    assert.ok(
      twin.received.length >= 9 &&
        twin.received.every(({ headers }) => headers.authorization === undefined && headers.cookie === undefined),
    );
    await withTrailer(port, apiKey, plant("a message"), plant("a trailer"));

    // Good credentials of each kind, and input that is refused with a secret in it.
    await chat({ ...json, Authorization: `Bearer ${fileKey}` });
    for (const scope of ["chat", "query"])
      await chat({ ...json, Authorization: `Bearer ${canaries.plantToken("a good token", secretKey, { sub: "ada", exp, scope })}` });
    for (const body of [
      `{"query": "${plant("broken JSON")}`,
      JSON.stringify({ query: 1, [names.plant("an unknown key")]: plant("the value of an unknown key") }),
      JSON.stringify({ query: plant("a query"), session_id: `${plant("a bad session_id")} !` }),
      JSON.stringify({ query: plant("a query"), options: { temperature: plant("an option") } }),
      JSON.stringify({ query: `<script>${plant("an attack")}</script> ' UNION SELECT ${plant("an attack")} --` }),
      `{"query":"${plant("too much").repeat(40_000)}"}`,
    ])
      await ask("POST", "/v1/query", good, body);
    await ask("POST", "/v1/query", { ...good, "Content-Type": `text/${plant("a media type")}` }, "{}");
    await ask("POST", "/v1/query", { ...good, "Content-Encoding": plant("a content coding") }, "{}");
    await ask("POST", `/v1/query?debug=${plant("the query string")}`, good, "{}");
    responses.push(...(await sendMalformed(port, canaries)));

    // Credentials of every sort on every path, until they are too many.
    for (const path of paths) {
      for (const [place, authorization] of credentials(canaries, secretKey)) {
        const query = `?${place === "none" ? "api_key" : "x"}=${plant("the query string")}&access_token=${plant("the query string")}`;
        const headers = { ...json, ...(authorization !== undefined && { Authorization: authorization }) };
        await ask("GET", path, headers);
        await ask("POST", path + query, headers, JSON.stringify({ message: plant("a message") }));
      }
    }

    // Reports, while requests with secrets are under way, and of a problem that nobody catches.
    twin.script = { hang: true };
    const received = twin.received.length;
    const underWay = chat({ ...json, Authorization: `Bearer ${fileKey}` }).catch(() => undefined);
    await eventually(() => twin.received.length > received, "a request is under way");
    child.kill("SIGWINCH");
    await eventually(() => readdirSync(folder).some((name) => name.startsWith("report.")), "the report was written");
    child.kill("SIGALRM");
    assert.equal(await gateway.ended, 1);
    await underWay;
  } finally {
    child.kill("SIGKILL");
  }

  const reports = readdirSync(folder).filter((name) => name.startsWith("report."));
  const printed = [gateway.printed(), ...reports.map((name) => readFileSync(join(folder, name), "utf8"))].join("\n");
  const statuses = new Set(responses.map(({ status }) => status));
  for (const status of [200, 400, 401, 403, 404, 405, 413, 415, 422, 429, 431, 500, 502, 503, 504])
    assert.ok(statuses.has(status), `an answer ${status} is among ${[...statuses].join(", ")}`);
  for (const sign of ['"route":"/v1/chat"', "service failed", "redis connection failed", "traceId:", "uncaught error", '"libuv": ['])
    assert.ok(printed.includes(sign), `${sign} was printed`);
  assert.ok(canaries.count > 500 && ofServices.count > 10);
  assert.deepEqual(
    [canaries, ofServices, names].flatMap((each) => each.in(printed)),
    [],
    "in what the gateway has printed and written",
  );
  for (const { what, status, text } of responses) {
    assert.deepEqual(canaries.in(text), [], `in the answer ${status} to ${what}`);
    // What a service tells its client passes, errors included; what the gateway writes itself is a problem.
    if (text.includes("application/problem+json")) assert.deepEqual(ofServices.in(text), [], `in the problem ${status} for ${what}`);
  }
});

function credentials(canaries: Canaries, secretKey: string): [place: string, authorization: string | undefined][] {
  const key = (): string => canaries.plant("credentials that are refused");
  const token = (secret: string, claims: object): string => canaries.plantToken("a token that is refused", secret, claims);
  return [
    ["none", undefined],
    ["Basic", `Basic ${key()}`],
    ["malformed", `Bearer ${key()} ${key()}`],
    ["bad", `Bearer ${key()}`],
    ["expired", `Bearer ${token(secretKey, { sub: "ada", exp: 1 })}`],
    ["forged", `Bearer ${token(canaries.plant("the secret of a forger"), { sub: "ada", exp })}`],
    ["no form", `Bearer ${key()}!"§`.replace("§", "\\")],
  ];
}
