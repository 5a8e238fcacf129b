import { isOrigin, isOriginPattern } from "./url-forms.ts";

/** Which pages of other origins may use a route, instead of the settings in `cors`. What is left out is as there. */
export interface RouteCors {
  /** Origins, `https://*.example.com` for all below a domain, or `*`. */
  origins?: string[];
  /** Request headers that pages may send besides the usual ones: names, or beginnings such as `X-Tenant-*`. */
  allowedHeaders?: string[];
  /** Response headers that pages may read besides the usual ones. */
  exposedHeaders?: string[];
  /** Whether pages may send cookies and other credentials of the browser. */
  credentials?: boolean;
  /** Seconds that a browser keeps a preflight response. */
  maxAgeSeconds?: number;
}

const headerList = {
  description: "a list of at most 200 header names such as [X-Tenant-Id]",
  type: "array",
  maxItems: 200,
  items: { description: "a header name such as X-Tenant-Id, or X-Tenant-* for many", type: "string", pattern: "^(\\*|[A-Za-z\\d-]+\\*?)$" },
} as const;

export const corsProperties = {
  cors: {
    description: "false, or an object of origins, allowedHeaders, exposedHeaders, credentials and maxAgeSeconds",
    type: ["object", "boolean"],
    not: { const: true },
    additionalProperties: false,
    properties: {
      origins: {
        description: 'a list of 1 to 1000 origins such as ["https://app.example"]',
        type: "array",
        items: { description: "an origin such as https://app.example", type: "string", maxLength: 300 },
        minItems: 1,
        maxItems: 1_000,
      },
      allowedHeaders: headerList,
      exposedHeaders: headerList,
      credentials: { type: "boolean" },
      maxAgeSeconds: { type: "integer", minimum: 0, maximum: 86_400 },
    },
  },
} as const;

/** What is wrong between the parts of CORS settings, each of which is valid. */
export function corsProblems({ origins = [], credentials = false }: Pick<RouteCors, "origins" | "credentials">): string[] {
  const strange = origins.filter((origin) => !isOrigin(origin) && !isOriginPattern(origin));
  return [
    ...strange.map(
      (origin) => `lists ${origin} as an origin: write one such as https://app.example or https://*.example.com, without a path`,
    ),
    ...(credentials && origins.includes("*")
      ? ["allows credentials to every origin, which browsers refuse: list the origins, such as https://app.example"]
      : []),
  ];
}
