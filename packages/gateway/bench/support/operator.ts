import { createKey } from "@aivillage/api-key-auth/keys-file";
import { eventually, freePort, temporaryFile } from "@aivillage/testing";

import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";
import { startService } from "./service.ts";

/** A gateway of two workers with two replicas of a service, and its admin listener with a key of an operator and one of a client. */
export async function startOperated() {
  const [first, second] = await Promise.all([startService(), startService()]);
  const keys = temporaryFile("keys.yaml");
  const operator = await createKey(keys.path, { id: "ops", scopes: ["admin"] });
  const client = await createKey(keys.path, { id: "ada" });
  const port = await freePort();
  const env = { WORKERS: "2", ADMIN_PORT: String(port), API_KEYS_FILE: keys.path, TWIN_URL: `${first.url},${second.url}` };
  const gateway = await startGatewayProcess({ env });
  return {
    gateway,
    replica: first.url,
    ask: (method: string, path: string, { key, body }: Question = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    operatorKey: operator.key,
    clientKey: client.key,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await Promise.all([first, second].map((service) => service[Symbol.asyncDispose]()));
      keys[Symbol.dispose]();
    },
  };
}

interface Question {
  readonly key?: string;
  readonly body?: object;
}

type Operated = Awaited<ReturnType<typeof startOperated>>;

/** What an operator did, and the status of each response. */
export type Actions = [action: string, status: number][];

/** Looks at everything, changes the log level, clears a penalty, and drains a replica and takes it back. */
export async function operate(operated: Operated): Promise<Actions> {
  const { gateway, ask, operatorKey: key, clientKey, replica } = operated;
  const done: Actions = [];
  const act = async (method: string, path: string, question: Question = {}): Promise<void> => {
    const response = await ask(method, path, question);
    await response.arrayBuffer();
    done.push([`${method} ${path.replace(/^(\/drain|\/penalties).+/, "$1")}`, response.status]);
  };
  for (const path of ["/status", "/config", "/penalties", "/keys", "/metrics"]) await act("GET", path);
  const level = { body: { level: "DEBUG" } };
  await act("PUT", "/log-level", level);
  await act("PUT", "/log-level", { ...level, key: clientKey });
  await act("PUT", "/log-level", { ...level, key });
  await act("PUT", "/log-level", { body: { level: "INFO" }, key });
  await untilPenalised(gateway, ask);
  await act("DELETE", "/penalties/127.0.0.1", { key });
  const drain = `/drain/${encodeURIComponent(replica)}`;
  await act("POST", drain, { key });
  await eventually(async () => (await requestsAt(operated)) === 0, "the last request of the replica has ended");
  await act("DELETE", drain, { key });
  await act("GET", "/status");
  return done;
}

/** Guesses keys until the address of this machine, from which the load comes too, is penalised. */
async function untilPenalised({ url }: GatewayProcess, ask: Operated["ask"]): Promise<void> {
  const isPenalised = async (): Promise<boolean> => {
    await (await fetch(url, { headers: { authorization: `Bearer guess-${Math.random()}` } })).arrayBuffer();
    const { penalties } = (await (await ask("GET", "/penalties")).json()) as { penalties: unknown[] };
    return penalties.length > 0;
  };
  await eventually(isPenalised, "an address that guesses keys is penalised");
}

async function requestsAt({ ask, replica }: Operated): Promise<number | undefined> {
  const { services } = (await (await ask("GET", "/healthz")).json()) as Health;
  return services.twin.replicas.find(({ url, draining }) => url === replica && draining)?.requests;
}

interface Health {
  readonly services: { readonly twin: { readonly replicas: readonly { url: string; draining: boolean; requests: number }[] } };
}
