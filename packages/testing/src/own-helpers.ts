import { registerHooks } from "node:module";

let current = 0;

/** What lies in a folder `test` and is imported from there: a helper of tests. */
const ofTests = /^file:.*\/test\/(?!.*\/node_modules\/)[^?]+\.ts(\?.*)?$/;

/** From now on test files get helpers of their own, as if they ran alone: state and hooks of a helper belong to one file. */
export function renewHelpers(): void {
  if (current === 0) registerHooks({ resolve: renew });
  current += 1;
}

const renew: Parameters<typeof registerHooks>[0]["resolve"] = (specifier, context, next) => {
  const resolved = next(specifier, context);
  const isHelper = ofTests.test(resolved.url) && ofTests.test(context.parentURL ?? "");
  return isHelper ? { ...resolved, url: `${resolved.url.split("?", 1)[0]}?test-file=${current}` } : resolved;
};
