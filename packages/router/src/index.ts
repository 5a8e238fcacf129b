export { getPathParameters, getRoute } from "./matched-route.ts";
export type { Methods, RouterOptions, Routes } from "./options.ts";
export { fillTemplate, type PathParameters, templateParameters, templateShape } from "./path-template.ts";
export { router } from "./router.ts";
