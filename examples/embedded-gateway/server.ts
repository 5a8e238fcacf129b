// The gateway inside your own app: it serves everything below /ai, and the app has the rest.
import { createGateway, loadConfig } from "@aivillage/gateway";
import express from "express";

// Settings come from where you say; `loadConfig()` without `env` would read the environment of the process.
const gateway = createGateway(
  loadConfig({
    env: {
      API_KEY: process.env["API_KEY"] ?? "a-key-for-this-example-only",
      TWIN_URL: process.env["TWIN_URL"] ?? "http://127.0.0.1:8001",
      AGENT_CONTROLLER_URL: process.env["AGENT_CONTROLLER_URL"] ?? "http://127.0.0.1:8002",
      KNOWLEDGE_SYSTEM_URL: process.env["KNOWLEDGE_SYSTEM_URL"] ?? "http://127.0.0.1:8003",
      LOG_LEVEL: "WARN",
    },
  }),
);

const app = express();
app.get("/", (_req, res) => void res.send("The app itself. The gateway is at /ai."));
app.use("/ai", gateway.handler);

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, (error) => {
  if (error !== undefined) throw error;
  console.log(`An app with a gateway listens on http://localhost:${port}`);
});

process.once("SIGTERM", () => {
  gateway.drain();
  server.close(() => void gateway.close());
});
