import type { ErrorObject } from "ajv";

import { fromInstancePath, type InputLocation, placeOf, shorten } from "../problems/location.ts";
import { type Fault, maxFaults } from "../problems/problems.ts";

/** The first faults that ajv found, in words that never hold a value from the client. */
export function toFaults(errors: readonly ErrorObject[], location: InputLocation): Fault[] {
  return errors.slice(0, maxFaults).map((error) => toFault(error, location));
}

function toFault(error: ErrorObject, location: InputLocation): Fault {
  const path = fromInstancePath(error.instancePath);
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === "string") {
    return { detail: `unknown property "${shorten(additionalProperty)}"`, ...placeOf(location, [...path, additionalProperty]) };
  }
  if (error.keyword === "required" && typeof missingProperty === "string") {
    return { detail: "is required", ...placeOf(location, [...path, missingProperty]) };
  }
  if (Array.isArray(allowedValues)) return { detail: oneOf(allowedValues), ...placeOf(location, path) };
  return { detail: error.message ?? "is not valid", ...placeOf(location, path) };
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, maxFaults).map((value) => JSON.stringify(value));
  return `must be one of ${shown.join(", ")}${values.length > maxFaults ? ", …" : ""}`;
}
