export { type InputFlagged, inputFlagged, type InputRefused, inputRefused } from "./events.ts";
export { getInput, type Input, type InputFinding } from "./input/input.ts";
export type { InputHandler, InputOf, InputTypes, InputTypesOf } from "./input/input-types.ts";
export type { InputLimits } from "./options/limits.ts";
export type { JSONSchema, SanitizeInputOptions } from "./options/options.ts";
export type { InputLocation } from "./problems/location.ts";
export { sanitizeInput } from "./sanitize-input.ts";
export type { ClassOutcome, ScreeningExclusion, ScreeningOptions } from "./options/screening-options.ts";
export type { CleanSteps } from "./clean/clean-text.ts";
