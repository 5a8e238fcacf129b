export { isHostPattern } from "./host-index.ts";
export { getPathParameters, getRoute } from "./matched-route.ts";
export type { Methods, RouterOptions, Routes } from "./options.ts";
export { fillTemplate, type PathParameters, templateError, templateParameters, templateShape } from "./path-template.ts";
export { redirect, type RedirectOptions } from "./redirect.ts";
export { type FoundRoute, router, type Router } from "./router.ts";
