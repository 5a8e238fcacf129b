/** Headers from which services take their key. */
export const keyHeaders = ["authorization", "x-api-key", "api-key"] as const;
export type KeyHeader = (typeof keyHeaders)[number];

export const keyFileSchema = {
  description: "the path of a file such as /run/secrets/provider-key",
  type: "string",
  minLength: 1,
  maxLength: 4_096,
} as const;
