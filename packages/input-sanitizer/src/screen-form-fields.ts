import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import { actOnFindings } from "./check/act-on-findings.ts";
import { makeTextScreen } from "./check/screen-document.ts";
import { readScreening, type ScreeningOptions } from "./options/screening-options.ts";
import { KeywordMarks } from "./schema/keyword-marks.ts";
import { toMarkIndex } from "./schema/screen-mark.ts";

/** Screens one text, to try what the sanitizer would find. */
export { screen } from "@aivillage/screening";

/** Checks one field of a form: `undefined` if it passes. */
export type FormFieldCheck = (field: { readonly name: string; readonly value: string }, req: IncomingMessage) => HttpProblem | undefined;

/**
 * Makes a check of the text fields of a form, for what reads forms and is no JSON, such as the option `checkField` of
 * `@aivillage/file-upload`. Values are screened as prose; names are left to the reader of the form.
 *
 * Findings are published by the events of `sanitizeInput()`, at the pointer `#/name`.
 *
 * @throws OptionError for an unknown or bad option
 */
export function screenFormFields(options: ScreeningOptions = {}): FormFieldCheck {
  const screening = readScreening(options);
  const screenTexts = makeTextScreen("body", screening);
  const prose = toMarkIndex("prose");

  return function checkFormField({ name, value }, req) {
    const form = {};
    const marks = new KeywordMarks();
    marks.setScreen(form, name, value, prose);
    const text = { text: value, holder: { value: form, parent: undefined, key: "" }, key: name, isKey: false };
    try {
      actOnFindings(req, "body", screenTexts([text], marks), screening);
      return undefined;
    } catch (error) {
      if (error instanceof HttpProblem) return error;
      throw error;
    }
  };
}
