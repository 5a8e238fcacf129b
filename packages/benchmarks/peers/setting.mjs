// What every program here is told by the bench command, and the parts of the work that no library does for them.
import { timingSafeEqual } from "node:crypto";

const { PORT, UPSTREAM, API_KEY, ORIGIN, ACCESS_LOG } = process.env;

export const port = Number(PORT);
export const upstream = UPSTREAM;
export const origin = ORIGIN;
export const withAccessLog = ACCESS_LOG === "on";

/** No request of the benchmark is ever refused by it. */
export const requestLimit = { max: 1_000_000_000, windowMs: 60_000 };

export const maxFileBytes = 2 ** 31;

const expected = Buffer.from(`Bearer ${API_KEY}`);

/** Compares in constant time, as anyone should who checks a key. */
export function isAuthorized(authorization) {
  if (authorization === undefined) return false;
  const given = Buffer.from(authorization);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The local JSON route of every contestant gives an answer of this shape and size. */
export const information = {
  name: "AIVillage Gateway",
  version: "0.1.0",
  environment: "production",
  status: "running",
  endpoints: { health: "/healthz", query: "/v1/query", chat: "/v1/chat", upload: "/v1/upload", metrics: "/metrics" },
};

const options = {
  type: "object",
  additionalProperties: false,
  properties: {
    max_tokens: { type: "integer", minimum: 1, maximum: 1_000_000 },
    temperature: { type: "number", minimum: 0, maximum: 2 },
    top_p: { type: "number", minimum: 0, maximum: 1 },
  },
};

/** The body that `POST /v1/chat` takes. */
export const chatSchema = {
  type: "object",
  additionalProperties: false,
  required: ["message"],
  properties: {
    message: { type: "string", maxLength: 32_768, pattern: "\\S" },
    session_id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$" },
    options,
    stream: { type: "boolean" },
  },
};
