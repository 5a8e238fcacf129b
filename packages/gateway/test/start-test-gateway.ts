import assert from "node:assert/strict";

import { type Downstream, startDownstream } from "@aivillage/testing";

import { endpointsOf } from "../src/endpoints/endpoints.ts";
import { describeApi } from "../src/endpoints/openapi/describe-api.ts";
import { loadConfig, type StartedGateway, startGateway } from "../src/index.ts";
import { checkResponses } from "./check-responses.ts";
import { secretsOfRequests } from "./secrets-of-requests.ts";

/** One line of the log. */
export interface LogLine extends Record<string, unknown> {
  level: string;
  message: string;
}

/** A gateway on a free port with three scriptable services behind it. */
export interface TestGateway extends AsyncDisposable, StartedGateway {
  readonly twin: Downstream;
  readonly agentController: Downstream;
  readonly knowledgeSystem: Downstream;
  /** The agent controller, for tests that need just any service. */
  readonly downstream: Downstream;
  readonly authorization: { readonly authorization: string };
  readonly log: readonly LogLine[];
  /** POSTs JSON with the key. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

const apiKey = "test-key-0123456789";

/**
 * Starts it with these variables on top of what the tests need. At its end every answer must have been as /openapi.json says, and no
 * credential, cookie, query or text of any request may stand in its log, its metrics or a problem.
 */
export async function startTestGateway(env: Record<string, string> = {}): Promise<TestGateway> {
  const [twin, agentController, knowledgeSystem] = await Promise.all([startDownstream(), startDownstream(), startDownstream()]);
  const config = loadConfig({
    env: {
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: "0",
      API_KEY: apiKey,
      RATE_LIMIT_REQUESTS: "1000",
      // What the services receive is what a test sends, unless it is about health.
      HEALTH_CHECK_INTERVAL: "0",
      RATE_LIMIT_MAX_KEYS: "1000",
      TWIN_URL: twin.url,
      AGENT_CONTROLLER_URL: agentController.url,
      KNOWLEDGE_SYSTEM_URL: knowledgeSystem.url,
      ...env,
    },
  });
  const log: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) => void log.push({ level, message, ...fields });
  const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const services = [twin, agentController, knowledgeSystem];
  const stopServices = (): Promise<void[]> => Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
  const started = await startGateway(config, { logger, drainMs: 500 }).catch(async (error: unknown) => {
    await stopServices();
    throw error;
  });
  const { registry } = started.gateway;
  const responses = checkResponses(started.url, describeApi(endpointsOf(config), config.auth.carriers));
  const secrets = secretsOfRequests(started.port, [config.auth.apiKey, config.auth.secretKey]);
  const authorization = { authorization: `Bearer ${apiKey}` };
  return {
    ...started,
    twin,
    agentController,
    knowledgeSystem,
    downstream: agentController,
    authorization,
    log,
    post: (path, body, headers = {}) =>
      fetch(started.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      responses.close();
      await started.close();
      await stopServices();
      secrets.close();
      assert.deepEqual(await responses.mismatches(), []);
      for (const body of responses.sent) secrets.addBody(body);
      secrets.assertUntold(log, await registry.metrics(), ...responses.problems);
    },
  };
}
