import type { JSONSchema } from "../options/options.ts";

/** Turns the strings of parameters into what the schema of each says, leaving alone what does not fit. */
export type ParameterTypes = ReadonlyMap<string, string>;

/** The types of the properties of a schema, `array:integer` for an array of integers. */
export function parameterTypes(schema: JSONSchema | undefined): ParameterTypes {
  const entries = Object.entries(properties(schema)).map(([name, property]) => [name, typeOf(property)] as const);
  return new Map(entries);
}

function properties(schema: JSONSchema | undefined): Record<string, unknown> {
  return Object(schema?.["properties"] ?? {}) as Record<string, unknown>;
}

function typeOf(property: unknown): string {
  const { type, items } = Object(property) as { type?: unknown; items?: unknown };
  return type === "array" ? `array:${typeOf(items)}` : String(type);
}

/** Replaces every value that reads as its type; others stay strings, for the validator to refuse. */
export function convertParameters(parameters: Record<string, unknown>, types: ParameterTypes): void {
  for (const [name, type] of types) {
    const value = parameters[name];
    if (typeof value === "string") parameters[name] = convert(value, type);
    else if (Array.isArray(value)) parameters[name] = value.map((member) => convert(member, type.replace("array:", "")));
  }
}

function convert(value: unknown, type: string): unknown {
  if (typeof value !== "string") return value;
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if ((type === "integer" || type === "number") && isDecimal(value)) return Number(value);
  return value;
}

/** Plain decimals only: no exponent, no hexadecimal, no spaces, no more digits than a number holds exactly. */
function isDecimal(text: string): boolean {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text);
}
