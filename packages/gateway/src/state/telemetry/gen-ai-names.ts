/**
 * OpenTelemetry's names for calls of models, as Prometheus spells them. The conventions are in development: when they change, so do this table
 * and docs/metrics.md.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export const genAiNames = {
  inputTokens: "gen_ai_client_inference_usage_input_tokens_total",
  outputTokens: "gen_ai_client_inference_usage_output_tokens_total",
  cachedInputTokens: "gen_ai_client_inference_usage_cache_read_input_tokens_total",
  cacheWriteTokens: "gen_ai_client_inference_usage_cache_write_input_tokens_total",
  reasoningTokens: "gen_ai_client_inference_usage_reasoning_output_tokens_total",
  duration: "gen_ai_client_operation_duration_seconds",
  firstToken: "gen_ai_server_time_to_first_token_seconds",
  labels: ["gen_ai_operation_name", "gen_ai_request_model"],
} as const;

/** `gen_ai.operation.name` of a dialect. */
export function operationOf(dialect: string): "chat" | "embeddings" {
  return dialect.endsWith("-embeddings") ? "embeddings" : "chat";
}
