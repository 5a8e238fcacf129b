/** A configuration file of as many routes, each with a body schema that no other has. */
export function manyRoutes(count: number, name: string): string {
  const route = (_: unknown, index: number): string => `  - path: /v1/things${index}/{id}
    methods: [POST]
    upstream: [http://127.0.0.1:${9_000 + index}]
    body:
      type: object
      additionalProperties: false
      required: [${name}${index}]
      properties:
        ${name}${index}: { type: string, minLength: 1, maxLength: 100 }
        count: { type: integer, minimum: 0, maximum: 1000 }
        tags: { type: array, maxItems: 20, items: { type: string, maxLength: 50 } }
        nested: { type: object, additionalProperties: false, properties: { size: { type: number }, kind: { enum: [a, b, c] } } }
`;
  return `routes:\n${Array.from({ length: count }, route).join("")}`;
}
