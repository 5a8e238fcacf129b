// Budgets from the side of the operator: a receiver verifies the signed messages of the gateway with the official package of OpenAI, and the
// command line lists, grants and resets. A fake provider takes the place of a real one: it repeats its input.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { createKey } from "@aivillage/api-key-auth/keys-file";
import { loadConfig, startGateway } from "@aivillage/gateway";
import { gatewayProgram } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import OpenAI, { APIError } from "openai";

const folder = mkdtempSync(join(tmpdir(), "aivillage-budgets-"));
const fileOf = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};
const secret = `whsec_${randomBytes(32).toString("base64")}`;
const keysFile = join(folder, "keys.yaml");
const { key: apiKey } = await createKey(keysFile, { id: "ada" });
const operator = await createKey(keysFile, { id: "ops", scopes: ["admin"] });
const operatorKey = fileOf("ops.key", operator.key);

const verifier = new OpenAI({ apiKey: "none" });
const receiver = createServer(async (req, res) => {
  const body = await text(req);
  const accepts = (payload: string): Promise<boolean> =>
    verifier.webhooks.verifySignature(payload, req.headers, secret).then(
      () => true,
      () => false,
    );
  const [isSigned, isForgeryRefused] = [await accepts(body), !(await accepts(body.replace("ada", "bob")))];
  const { key, percent, spent, limit } = (JSON.parse(body) as { data: Record<"key" | "percent" | "spent" | "limit", string | number> })
    .data;
  console.log(`Webhook: ${key} reached ${percent} %, ${spent} of ${limit} (signed: ${isSigned}, forgery refused: ${isForgeryRefused})`);
  res.writeHead(isSigned ? 204 : 401).end();
  receiver.emit("received");
}).listen(0, "127.0.0.1");
await once(receiver, "listening");

const provider = await startFakeProvider();
const settings = {
  routes: [{ path: "/v1/chat/completions", upstream: [provider.url], ai: "openai-chat" }],
  budgets: {
    limits: [{ name: "daily", unit: "tokens", limit: 55, period: "day" }],
    webhook: {
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      secretFile: fileOf("webhook-secret", secret),
    },
  },
};
const env = {
  ADMIN_SOCKET: join(folder, "admin.sock"),
  API_KEYS_FILE: keysFile,
  CONFIG_FILE: fileOf("gateway.yaml", JSON.stringify(settings)),
};
const ignore = (): void => undefined;
const gateway = await startGateway(loadConfig({ env: { ...env, GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0" } }), {
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
});

const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey });
async function call(): Promise<void> {
  const messages = [{ role: "user" as const, content: "The ferry to Brest leaves at seven." }];
  const response = await openai.chat.completions.create({ model: "made-up", max_tokens: 10, messages }).catch((error: unknown) => error);
  if (response instanceof APIError) console.log(`Call: ${response.status} ${response.code}`);
  else console.log(`Call: ${(response as OpenAI.ChatCompletion).usage?.total_tokens} tokens`);
}

/** Runs `aivillage-gateway budgets` as another process, which asks the gateway through its socket. */
async function budgets(...args: string[]): Promise<void> {
  const command = ["--conditions=@aivillage/source", gatewayProgram(), "budgets", ...args, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } });
  for (const { key, limit, granted, spent } of (JSON.parse(stdout) as { budgets: Record<string, string | number>[] }).budgets)
    console.log(`${args[0]}: ${key} has spent ${spent} of ${limit}, ${granted} of them granted`);
}

await call();
const first = once(receiver, "received");
await call();
await first;
await call();
await budgets("list");
await budgets("grant", "key:ada", "--once", "30", "--key-file", operatorKey);
// 80 % of the raised limit is another threshold.
const second = once(receiver, "received");
await call();
await second;
await budgets("reset", "key:ada", "--key-file", operatorKey);
await call();

await gateway.close();
await provider[Symbol.asyncDispose]();
receiver.close();
rmSync(folder, { recursive: true });
