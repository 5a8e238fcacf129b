import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import { cleanDocument } from "./clean-document.ts";
import { compileSchema, KeywordMarks } from "./compile-schema.ts";
import { inputRefused } from "./events.ts";
import type { InputFinding } from "./input.ts";
import type { Limits } from "./limits.ts";
import type { JSONSchema } from "./options.ts";
import type { InputLocation, Place } from "./place.ts";
import { invalidInput, malformedJson } from "./problems.ts";
import { toFaults } from "./schema-faults.ts";
import { actOnFindings, keyFinding, screenTexts } from "./screen-document.ts";
import type { Screening } from "./screening-options.ts";
import { type WalkedDocument, walkDocument } from "./walk-document.ts";

/** What passed: the document, cleaned where its schema says so, and the findings that do not refuse. */
interface CheckedDocument {
  readonly document: unknown;
  readonly findings: readonly InputFinding[];
}

/**
 * Checks one part of a request in this order: keys and characters, limits, cleaning, schema, screening.
 *
 * @throws HttpProblem for the first check that fails
 */
export type DocumentCheck = (req: IncomingMessage, document: unknown, keysInText?: number) => CheckedDocument;

const none: readonly InputFinding[] = [];

export function makeDocumentCheck(
  location: InputLocation,
  schema: JSONSchema | undefined,
  limits: Limits,
  screening: Screening | false,
): DocumentCheck {
  const compiled = schema && compileSchema(schema, location);

  /** What a string is after cleaning is what must be valid and what is screened. */
  function clean(req: IncomingMessage, given: unknown, walked: WalkedDocument): { document: unknown; texts: WalkedDocument["texts"] } {
    if (compiled?.cleans !== true) return { document: given, texts: walked.texts };
    const marks = new KeywordMarks();
    compiled.validate(given, marks);
    const document = cleanDocument(given, marks);
    return { document, texts: document === given ? walked.texts : walk(req, document, location, limits).texts };
  }

  return function checkDocument(req, given, keysInText) {
    const walked = walk(req, given, location, limits);
    if (keysInText !== undefined && keysInText !== walked.keys) throw malformedJson("An object of the body has the same key twice.");
    const { document, texts } = clean(req, given, walked);
    const marks = new KeywordMarks();
    const errors = compiled?.validate(document, marks) ?? [];
    if (errors.length > 0) throw invalidInput(toFaults(errors, location));
    if (screening === false) return { document, findings: none };
    const findings = screenTexts(texts, marks, location, screening);
    return { document, findings: actOnFindings(req, location, findings, screening) };
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
