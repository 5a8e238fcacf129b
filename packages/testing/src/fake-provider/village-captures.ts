import type { WireCapture } from "./capture.ts";
import { countTokens, tokensOf } from "./tokens.ts";
import { sse } from "./wire.ts";

const answer = "The mill turns when the sluice is open.";
const output = countTokens(answer);
const usage = { input: 12, output };
const wireUsage = { input_tokens: 12, output_tokens: output };

/** What the twin and the knowledge system behind the gateway send. */
export const villageCaptures: readonly WireCapture[] = [
  {
    name: "village-chat-stream",
    dialect: "village-chat",
    request: { message: "When does the mill turn?", stream: true },
    steps: () => sse(...tokensOf(answer).map((delta) => ({ delta })), { usage: wireUsage, finish_reason: "stop" }, "[DONE]"),
    usage,
  },
  {
    name: "village-query",
    dialect: "village-query",
    request: { query: "When does the mill turn?" },
    type: "application/json",
    steps: () => [JSON.stringify({ answer, usage: wireUsage })],
    usage,
  },
  {
    name: "village-query-without-usage",
    dialect: "village-query",
    request: { query: "When does the mill turn?" },
    type: "application/json",
    steps: () => [JSON.stringify({ answer })],
  },
];
