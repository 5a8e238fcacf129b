import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import { compileSchema, ScreenMarks } from "./compile-schema.ts";
import { inputRefused } from "./events.ts";
import type { InputFinding } from "./input.ts";
import type { Limits } from "./limits.ts";
import type { JSONSchema } from "./options.ts";
import type { InputLocation, Place } from "./place.ts";
import { invalidInput, malformedJson } from "./problems.ts";
import { toFaults } from "./schema-faults.ts";
import { actOnFindings, keyFinding, type Screening, screenTexts } from "./screen-document.ts";
import { type WalkedDocument, walkDocument } from "./walk-document.ts";

/**
 * Checks one part of a request in this order: keys and characters, limits, schema, screening.
 *
 * @returns what a dry run found
 * @throws HttpProblem for the first check that fails
 */
export type DocumentCheck = (req: IncomingMessage, document: unknown, keysInText?: number) => readonly InputFinding[];

const none: readonly InputFinding[] = [];

export function makeDocumentCheck(
  location: InputLocation,
  schema: JSONSchema | undefined,
  limits: Limits,
  screening: Screening | false,
): DocumentCheck {
  const validate = schema && compileSchema(schema, location);

  return function checkDocument(req, document, keysInText) {
    const walked = walk(req, document, location, limits);
    if (keysInText !== undefined && keysInText !== walked.keys) throw malformedJson("An object of the body has the same key twice.");
    const marks = new ScreenMarks();
    const errors = validate?.(document, marks) ?? [];
    if (errors.length > 0) throw invalidInput(toFaults(errors, location));
    if (screening === false) return none;
    const findings = screenTexts(walked.texts, marks, location, screening);
    actOnFindings(req, location, findings, screening.dryRun);
    return findings;
  };
}

function walk(req: IncomingMessage, document: unknown, location: InputLocation, limits: Limits): WalkedDocument {
  try {
    return walkDocument(document, location, limits);
  } catch (error) {
    if (inputRefused.heard && error instanceof HttpProblem && error.type === "forbidden-key") {
      const [fault] = error.extensions["errors"] as Place[];
      inputRefused.publish({ req, location, findings: fault === undefined ? none : [keyFinding(location, placeOnly(fault))] });
    }
    throw error;
  }
}

function placeOnly(fault: Place): Place {
  if ("pointer" in fault) return { pointer: fault.pointer };
  return "header" in fault ? { header: fault.header } : { parameter: fault.parameter };
}
