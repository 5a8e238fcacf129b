import { version } from "../../version.ts";

const timestamp = "2026-01-22T10:30:00.000Z";

/** Requests that any service understands, and what those of the village respond. */
export const examples = {
  information: {
    name: "AIVillage Gateway",
    version,
    environment: "development",
    status: "running",
    endpoints: { health: "/healthz", query: "/v1/query", chat: "/v1/chat" },
  },
  health: {
    status: "healthy",
    timestamp,
    services: { twin: { status: "healthy", status_code: 200, response_time_ms: 1.2, checked_at: timestamp } },
    gateway: { uptime_seconds: 3_600, environment: "development", response_time_ms: 0.4 },
  },
  unhealthy: {
    status: "unhealthy",
    timestamp,
    services: { twin: { status: "unhealthy", error: "connection refused", checked_at: timestamp } },
    gateway: { uptime_seconds: 3_600, environment: "development", response_time_ms: 0.4 },
  },
  alive: { status: "alive" },
  ready: { status: "ready" },
  notReady: { status: "not_ready" },
  budget: {
    budgets: [
      { name: "daily", unit: "tokens", limit: 200_000, spent: 1_250, held: 0, remaining: 198_750, resets_at: "2026-01-23T00:00:00.000Z" },
    ],
  },
  query: { query: "What is the capital of France?", session_id: "try-it-out", options: { max_tokens: 200 } },
  queryAnswer: {
    answer: "The capital of France is Paris.",
    agent: "knowledge",
    session_id: "try-it-out",
    processing_time_ms: 4.2,
    routed_via: "agent_controller",
  },
  chat: { message: "Hello, who are you?", session_id: "try-it-out" },
  chatAnswer: { reply: "Hello. What is on your mind?", session_id: "try-it-out", turns: 1 },
  uploadAnswer: { document: "notes.txt", passages: 3, bytes: 512, gateway_processed_size: 512 },
} as const;
