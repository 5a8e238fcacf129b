export type { ErrorForm, ErrorMemberOption } from "./error-form.ts";
export { type ProblemSent, problemSent } from "./events.ts";
export { notFound } from "./not-found.ts";
export type { ProblemDetailsOptions } from "./options.ts";
export { problemDetails } from "./problem-details.ts";
