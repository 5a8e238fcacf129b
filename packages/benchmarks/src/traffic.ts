/** What the clients of the benchmark send. Every contestant gets the same bytes. */

/** A request that a load generator repeats. */
export interface RequestShape {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Long and varied enough for the production checks of the gateway. */
export const apiKey = "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1";
export const secretKey = "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2";

/** The page that calls; its origin is the one that CORS allows. */
export const pageOrigin = "https://app.example";

const commonHeaders = { Authorization: `Bearer ${apiKey}`, Origin: pageOrigin, Accept: "application/json" };

/** 200 bytes of JSON. */
export const chatBody = JSON.stringify({
  message: "Please summarise in two sentences what the village council decided about a new footbridge over the river last Monday night.",
  session_id: "bench-session-0001",
  options: { max_tokens: 256 },
});

export const chatRequest: RequestShape = {
  method: "POST",
  path: "/v1/chat",
  headers: { ...commonHeaders, "Content-Type": "application/json" },
  body: chatBody,
};

export const localRequest: RequestShape = { method: "GET", path: "/", headers: commonHeaders };

export const healthRequest: RequestShape = { method: "GET", path: "/healthz", headers: { Accept: "application/json" } };

export const streamRequest: RequestShape = {
  ...chatRequest,
  headers: { ...chatRequest.headers, Accept: "text/event-stream" },
  body: JSON.stringify({ message: "Tell me how the river got its name.", stream: true }),
};

/**
 * The event streams: the first event comes at once; when all streams had time to open, the rest follow at a steady pace that a
 * proxy can keep, so that CPU time per event tells them apart and not the limit of the client.
 */
export const streams = { count: 1_000, eventsEach: 101, holdMs: 1_000, everyMs: 25 } as const;

export const mebibyte = 1_048_576;
