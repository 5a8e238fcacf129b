import { HttpProblem } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";
import express, { type Express, type Request } from "express";

/** The longest text that is read: what the gateway lets through. */
export const maxTextLength = 32_768;

/** An Express app with what the three services share: request ids, security headers, `GET /healthz`, and errors as problem details. */
export function service(mountRoutes: (app: Express) => void): Express {
  const app = express();
  app.use(requestId(), securityHeaders());
  app.get("/healthz", (_req, res) => void res.json({ status: "healthy" }));
  mountRoutes(app);
  app.use(notFound());
  app.use(problemDetails({ requestId: getRequestId }));
  return app;
}

/** The members of a JSON request body. */
export function readBody(req: Request): Readonly<Record<string, unknown>> {
  const body: unknown = req.body;
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw badRequest("The body must be a JSON object, sent with Content-Type: application/json.");
}

/** A text from the request: there, not blank and not too long. */
export function readText(value: unknown, name: string, maxLength: number): string {
  if (typeof value === "string" && value.trim() !== "" && value.length <= maxLength) return value.trim();
  throw badRequest(`\`${name}\` must be a text of 1 to ${maxLength} characters.`);
}

/** The optional `session_id` of a request. */
export function readSessionId(value: unknown): string | undefined {
  return value === undefined ? undefined : readText(value, "session_id", 128);
}

export function badRequest(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, detail });
}
