import { HttpProblem } from "@aivillage/middleware";

import type { AiDialect } from "../../dialects/dialect.ts";

/** The event that reports to a client of this dialect that its stream is broken, and why; empty if the dialect has none. */
export function errorEvent({ errorEvent: described }: AiDialect["response"], error: unknown): string {
  if (described === undefined) return "";
  const { type, detail = "The response broke off." } = error === undefined ? unknown : HttpProblem.from(error);
  const values = new Map([
    ["{message}", detail],
    ["{code}", type],
  ]);
  const data = JSON.stringify(described.data, (_name, value: unknown) =>
    typeof value === "string" ? (values.get(value) ?? value) : value,
  );
  return `${described.type === undefined ? "" : `event: ${described.type}\n`}data: ${data}\n\n`;
}

const unknown: { readonly type: string; readonly detail?: string } = { type: "bad-gateway" };
