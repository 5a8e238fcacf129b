import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

/** The message of a failed test and where in our code it comes from. */
export function failureReason({ details: { error } }: Extract<TestEvent, { type: "test:fail" }>["data"]): string {
  const { cause } = error;
  if ("exitCode" in error) return `the process ended with ${inspect(error["exitCode"] ?? ("signal" in error && error["signal"]))}`;
  if (!(cause instanceof Error)) return String(cause ?? error.message);
  const text = cause.name === "AssertionError" ? (cause.stack ?? cause.message) : inspect(cause);
  return text.replaceAll(/^ +at .*\bnode:.*\n?/gm, "").trimEnd();
}
