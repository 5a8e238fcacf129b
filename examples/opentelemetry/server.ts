// A gateway with nothing special: that it is traced is decided by who starts it, with `--import ./tracing.mjs`.
import { loadConfig, startGateway } from "@aivillage/gateway";

const { url } = await startGateway(
  loadConfig({
    env: {
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: process.env["PORT"] ?? "8000",
      API_KEY: process.env["API_KEY"] ?? "a-key-for-this-example-only",
      TWIN_URL: process.env["TWIN_URL"] ?? "http://127.0.0.1:8001",
      AGENT_CONTROLLER_URL: process.env["AGENT_CONTROLLER_URL"] ?? "http://127.0.0.1:8002",
      KNOWLEDGE_SYSTEM_URL: process.env["KNOWLEDGE_SYSTEM_URL"] ?? "http://127.0.0.1:8003",
      LOG_LEVEL: "WARN",
    },
  }),
  { handleSignals: true },
);
console.log(`A traced gateway listens on ${url}`);
