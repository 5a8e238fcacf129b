export { notFound } from "./not-found.ts";
export type { ProblemDetailsOptions } from "./options.ts";
export { type ProblemAnswered, problemAnswered, problemDetails } from "./problem-details.ts";
