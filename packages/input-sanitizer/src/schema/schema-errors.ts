import type { ErrorObject } from "ajv";

import { fromInstancePath, type InputLocation, locationOf, shorten } from "../problems/location.ts";
import { type ErrorDetail, maxErrors } from "../problems/problems.ts";

/** The first errors that ajv found, in words that never hold a value from the client. */
export function toErrorDetails(errors: readonly ErrorObject[], location: InputLocation): ErrorDetail[] {
  return errors.slice(0, maxErrors).map((error) => toErrorDetail(error, location));
}

function toErrorDetail(error: ErrorObject, location: InputLocation): ErrorDetail {
  const path = fromInstancePath(error.instancePath);
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === "string") {
    return { detail: `unknown property "${shorten(additionalProperty)}"`, ...locationOf(location, [...path, additionalProperty]) };
  }
  if (error.keyword === "required" && typeof missingProperty === "string") {
    return { detail: "is required", ...locationOf(location, [...path, missingProperty]) };
  }
  if (Array.isArray(allowedValues)) return { detail: oneOf(allowedValues), ...locationOf(location, path) };
  return { detail: error.message ?? "is not valid", ...locationOf(location, path) };
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, maxErrors).map((value) => JSON.stringify(value));
  return `must be one of ${shown.join(", ")}${values.length > maxErrors ? ", …" : ""}`;
}
