export { type InputFlagged, inputFlagged, type InputRefused, inputRefused } from "./events.ts";
export { getInput, type Input, type InputFinding } from "./input.ts";
export type { InputHandler, InputOf, InputTypes, InputTypesOf } from "./input-types.ts";
export type { InputLimits } from "./limits.ts";
export type { JSONSchema, SanitizeInputOptions } from "./options.ts";
export type { InputLocation } from "./place.ts";
export { sanitizeInput } from "./sanitize-input.ts";
export type { ClassOutcome, ScreeningExclusion, ScreeningOptions } from "./screening-options.ts";
export type { CleanSteps } from "./clean-text.ts";
