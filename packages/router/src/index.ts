export { hostOfTarget, originForm } from "./origin-form.ts";
export { fillTemplate, type PathParameters, templateName, templateParameters, templateShape } from "./path-template.ts";
export { behind, getPathParameters, getRoute, type Methods, type Routes, routeTable } from "./router.ts";
