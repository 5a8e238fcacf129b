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

const sentences = [
  "Please summarise what the council decided about the footbridge over the river.",
  "The harbour master wrote that the tide tables of last spring were off by nine minutes.",
  "Our baker asks how much flour 240 loaves need when each takes 620 grams of dough.",
  "Compare the two offers for the school roof and name the three largest differences.",
  "What did Ann mean when she wrote that the second pump should run only at night?",
  "List the steps for renewing a fishing permit, in the order in which people do them.",
];

/** A chat body of exactly `bytes` bytes: prose with numbers in it, so that no two sentences of one body are the same. */
function chatBodyOf(bytes: number): string {
  let message = "";
  for (let index = 0; message.length < bytes; index += 1) message += `${index + 1}. ${sentences[index % sentences.length]} `;
  const frame = JSON.stringify({ message: "" }).length;
  return JSON.stringify({ message: message.slice(0, bytes - frame - 1).concat(".") });
}

function chatRequestOf(body: string): RequestShape {
  return { method: "POST", path: "/v1/chat", headers: { ...commonHeaders, "Content-Type": "application/json" }, body };
}

export const chatRequest = chatRequestOf(chatBody);

/** The lengths of prompts with a history or retrieved documents. */
export const longChatRequests = {
  "post-1k": chatRequestOf(chatBodyOf(1_000)),
  "post-10k": chatRequestOf(chatBodyOf(10_000)),
  "post-30k": chatRequestOf(chatBodyOf(30_000)),
} as const;

export const localRequest: RequestShape = { method: "GET", path: "/", headers: commonHeaders };

export const healthRequest: RequestShape = { method: "GET", path: "/healthz", headers: { Accept: "application/json" } };

export const streamRequest: RequestShape = {
  ...chatRequest,
  headers: { ...chatRequest.headers, Accept: "text/event-stream" },
  body: JSON.stringify({ message: "Tell me how the river got its name.", stream: true }),
};

/** A call of a model whose client asks for usage, as many SDKs and frameworks do. */
export const callRequest: RequestShape = {
  method: "POST",
  path: "/v1/chat/completions",
  headers: { ...commonHeaders, Accept: "text/event-stream", "Content-Type": "application/json" },
  body: JSON.stringify({
    model: "made-up",
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: "user", content: sentences.join(" ") }],
  }),
};

/** Streams that are open at once, and how they run. */
export interface StreamShape {
  readonly count: number;
  readonly eventsEach: number;
  /** The wait after the first event, in which all streams open. */
  readonly holdMs: number;
  /** The pace of the other events. */
  readonly everyMs: number;
}

/**
 * The event streams: the first event comes at once; when all streams had time to open, the rest follow at a steady pace that a
 * proxy can keep, so that CPU time per event distinguishes them instead of the limit of the client.
 */
export const streams: StreamShape = { count: 1_000, eventsEach: 101, holdMs: 1_000, everyMs: 25 };

/** The same for calls: 100 tokens, the role before them, and after them the reason of the end, usage and `[DONE]`. */
export const calls: StreamShape = { count: 200, eventsEach: 104, holdMs: 500, everyMs: 20 };

export const mebibyte = 1_048_576;
