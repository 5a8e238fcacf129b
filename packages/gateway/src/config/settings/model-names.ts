/** Names of models at a service, by those that clients use. */
export type ModelNames = Readonly<Record<string, string>>;

const name = {
  description: "the name of a model such as anthropic/claude-*",
  type: "string",
  minLength: 1,
  maxLength: 256,
} as const;

export const modelNamesSchema = {
  description: "an object of 1 to 1000 names at the service by those that clients use, such as { gpt-5: azure-gpt-5 }",
  type: "object",
  minProperties: 1,
  maxProperties: 1_000,
  propertyNames: name,
  additionalProperties: name,
} as const;
