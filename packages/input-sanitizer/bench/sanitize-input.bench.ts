/**
 * What `sanitizeInput()` costs: a request with a JSON body of 200 bytes, a field of prose in it, against a server that reads the body,
 * parses it and validates it with ajv, and against one that lets the body go by. All take turns under wrk, and what counts is the
 * processor time of this process outside the kernel: other programs on the machine do not change that much, whereas a system call takes
 * longer the more often wrk has gone to sleep meanwhile.
 * Run: `node --conditions=@aivillage/source bench/sanitize-input.bench.ts`. Needs wrk and a quiet
 * machine. Fails when reading, parsing, checking and screening together cost more than all that Node does for the same request.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Handler } from "@aivillage/middleware";
import { Ajv } from "ajv";

import { sanitizeInput } from "../src/index.ts";

const rounds = 9;
const roundSeconds = 1;

const question = {
  query: "What is the capital of France, and how did it come to be the seat of the kings? Please answer in two sentences.",
  session_id: "session-4711-a",
  options: { max_tokens: 1000, temperature: 0.7 },
};

const schema = (prose: object, strict: object) => ({
  type: "object",
  additionalProperties: false,
  required: ["query"],
  properties: {
    query: { type: "string", maxLength: 32_768, pattern: "\\S", ...prose },
    session_id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$", ...strict },
    options: {
      type: "object",
      additionalProperties: false,
      properties: { max_tokens: { type: "integer", minimum: 1 }, temperature: { type: "number", minimum: 0, maximum: 2 } },
    },
  },
});
const ours = { body: schema({ screen: "prose" }, { screen: "strict" }), query: { type: "object", additionalProperties: false } };
const validate = new Ajv().compile(schema({}, {}));

const contestants: Readonly<Record<string, RequestListener>> = {
  "body let go by": (req, res) => void req.resume().on("end", () => res.end("{}")),
  "read, JSON.parse, ajv": (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      res.statusCode = validate(JSON.parse(Buffer.concat(chunks).toString())) ? 200 : 422;
      res.end("{}");
    });
  },
  "sanitizeInput(), no screening": answering(sanitizeInput({ ...ours, screening: false })),
  "sanitizeInput()": answering(sanitizeInput(ours)),
};

function answering(sanitize: Handler): RequestListener {
  return (req, res) =>
    sanitize(req, res, (error) => {
      if (error !== undefined) res.statusCode = 500;
      res.end("{}");
    });
}

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "sanitize-input-"));
const script = join(folder, "post.lua");
writeFileSync(
  script,
  `wrk.method = "POST"\nwrk.body = [==[${JSON.stringify(question)}]==]\nwrk.headers["Content-Type"] = "application/json"\n`,
);

async function cpuUsPerRequest(server: Server, seconds: number): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const before = process.cpuUsage();
  const { stdout } = await run("wrk", ["-t1", "-c32", `-d${seconds}s`, "-s", script, `http://127.0.0.1:${port}/`]);
  const { user } = process.cpuUsage(before);
  if (stdout.includes("Non-2xx")) throw new Error(stdout);
  return user / Number(/(\d+) requests in/.exec(stdout)?.[1]);
}

const servers = await Promise.all(
  Object.entries(contestants).map(async ([name, listener]) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return { name, server, costs: [] as number[] };
  }),
);
for (const { server } of servers) await cpuUsPerRequest(server, 1);
for (let round = 0; round < rounds; round += 1) {
  for (const { server, costs } of servers) costs.push(await cpuUsPerRequest(server, roundSeconds));
}
for (const { server } of servers) server.close();
rmSync(folder, { recursive: true });

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const base = median(servers[0]?.costs ?? []);
const plain = median(servers[1]?.costs ?? []) - base;
console.log(`Body of ${JSON.stringify(question).length} bytes, ${rounds} rounds of ${roundSeconds} s; processor time per request, median:`);
for (const { name, costs } of servers) {
  const added = median(costs) - base;
  console.log(
    `${name.padEnd(32)} ${median(costs).toFixed(1).padStart(6)} us, adds ${added.toFixed(1).padStart(5)} us, ${(added / plain).toFixed(2)} x plain`,
  );
}
if (median(servers.at(-1)?.costs ?? []) > 2 * base) {
  console.error("the sanitizer costs more than the rest of the request");
  process.exitCode = 1;
}
