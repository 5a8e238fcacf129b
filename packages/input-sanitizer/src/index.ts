export { type InputFlagged, inputFlagged, type InputRefused, inputRefused } from "./events.ts";
export { getInput, type Input, type InputFinding, type InputTypes } from "./input.ts";
export type { InputLimits } from "./limits.ts";
export type { JSONSchema, SanitizeInputOptions, ScreeningOptions } from "./options.ts";
export type { InputLocation } from "./place.ts";
export { sanitizeInput } from "./sanitize-input.ts";
export type { AttackClass, Finding } from "./screening/finding.ts";
export { screen, type ScreenOptions, type ScreenProfile } from "./screening/screen.ts";
