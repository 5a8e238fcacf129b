import type { IncomingMessage } from "node:http";

import { cleanDocument } from "../clean/clean-document.ts";
import type { InputFinding } from "../input/input.ts";
import type { JSONSchema, SanitizeInputSettings } from "../options/options.ts";
import type { InputLocation } from "../problems/location.ts";
import { invalidInput, malformedJson } from "../problems/problems.ts";
import { type CompiledSchema, compileSchema } from "../schema/compile-schema.ts";
import { KeywordMarks } from "../schema/keyword-marks.ts";
import { toErrorDetails } from "../schema/schema-errors.ts";
import { actOnFindings } from "./act-on-findings.ts";
import { joinFindings, noFindings } from "./findings.ts";
import { reportForbiddenKey } from "./refused-key.ts";
import { makeTextScreen } from "./screen-document.ts";
import { flaggedOperators, requirePermitted } from "./suspects.ts";
import { type WalkedDocument, walkDocument } from "./walk-document.ts";

/** What passed: the document, cleaned where its schema says so, and the findings that do not refuse. */
interface CheckedDocument {
  readonly document: unknown;
  readonly findings: readonly InputFinding[];
  /** Whether nothing was cleaned. */
  readonly isVerbatim: boolean;
}

/** The check of one part of a request. */
export interface DocumentCheck {
  /**
   * Checks in this order: keys and characters, limits, cleaning, schema, screening.
   *
   * @throws HttpProblem for the first check that fails
   */
  readonly check: (req: IncomingMessage, document: unknown, keysInText?: number) => CheckedDocument;
  /** Whether an object without members passes; it then needs no check. */
  readonly acceptsEmpty: boolean;
}

/** For a document with more values than this, only the first error is listed: a list of them all costs more than the document. */
const maxValuesForList = 2_000;

export function makeDocumentCheck(
  location: InputLocation,
  schema: JSONSchema | undefined,
  { limits, screening, checkSchemas }: SanitizeInputSettings,
): DocumentCheck {
  const compiled = schema && compileSchema(schema, location, checkSchemas);
  const screenTexts = screening && makeTextScreen(location, screening);

  function walk(req: IncomingMessage, document: unknown): WalkedDocument {
    try {
      const walked = walkDocument(document, location, limits);
      if (walked.suspects.length > 0) requirePermitted(walked.suspects, marksOf(document, compiled));
      return walked;
    } catch (error) {
      reportForbiddenKey(req, location, error);
      throw error;
    }
  }

  function check(req: IncomingMessage, given: unknown, keysInText?: number): CheckedDocument {
    const asGiven = walk(req, given);
    if (keysInText !== undefined && keysInText !== asGiven.keys) throw malformedJson("An object of the body has the same key twice.");
    const document = compiled?.cleans === true ? cleaned(given, compiled) : given;
    // What a string is after cleaning is what must be valid and what is screened.
    const walked = document === given ? asGiven : walk(req, document);
    const marks = new KeywordMarks();
    if (compiled !== undefined) requireValid(document, walked, compiled, marks, location);
    const isVerbatim = document === given;
    if (screening === false || screenTexts === false) return { document, findings: noFindings, isVerbatim };
    const found = joinFindings(screenTexts(walked.texts, marks), flaggedOperators(walked.suspects, location));
    return { document, findings: actOnFindings(req, location, found, screening), isVerbatim };
  }

  return { check, acceptsEmpty: compiled === undefined || compiled.validate({}, new KeywordMarks()).length === 0 };
}

/** Of a document that its schema refuses anyway, some marks may be missing. */
function marksOf(document: unknown, compiled: CompiledSchema | undefined): KeywordMarks {
  const marks = new KeywordMarks();
  compiled?.validate(document, marks);
  return marks;
}

function cleaned(given: unknown, compiled: CompiledSchema): unknown {
  const marks = new KeywordMarks();
  compiled.listErrors(given, marks);
  return cleanDocument(given, marks);
}

function requireValid(
  document: unknown,
  { values }: WalkedDocument,
  compiled: CompiledSchema,
  marks: KeywordMarks,
  location: InputLocation,
) {
  const first = compiled.validate(document, marks);
  if (first.length === 0) return;
  const errors = values > maxValuesForList ? first : compiled.listErrors(document, new KeywordMarks());
  throw invalidInput(toErrorDetails(errors, location));
}
