import { formats } from "./formats.ts";
import { settings } from "./schema.ts";

interface ObjectSchema {
  type: "object";
  additionalProperties: false;
  properties: Record<string, object>;
}

const emptyObject = (): ObjectSchema => ({ type: "object", additionalProperties: false, properties: {} });

/** The JSON Schema (2020-12) of the YAML file, for editors; made from the settings. */
export function configSchema(): object {
  const root = emptyObject();
  for (const { key, env, format, default: fallback, doc, sensitive } of settings) {
    const names = key.split(".");
    const last = names.pop() ?? "";
    const parent = names.reduce((node, name) => (node.properties[name] ??= emptyObject()) as ObjectSchema, root);
    const description = env === undefined ? `${doc}.` : `${doc}. Environment variable: ${env}.`;
    parent.properties[last] = { description, ...formats[format].schema, ...(!sensitive && { default: fallback }) };
  }
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Configuration of aivillage-gateway", ...root };
}
