import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

let current = 0;

/** What lies in a folder `test` and is imported from there: a helper of tests. */
const ofTests = /^file:.*\/test\/(?!.*\/node_modules\/)[^?]+\.ts(\?.*)?$/;
const ofFile = /^(file:[^?]+\.ts)\?test-file=\d+$/;
/** The JavaScript of each helper, which every test file evaluates again. */
const stripped = new Map<string, string>();

/** From now on test files get helpers of their own, as if they ran alone: state and hooks of a helper belong to one file. */
export function renewHelpers(): void {
  if (current === 0) registerHooks({ resolve: renew, load: loadStripped });
  current += 1;
}

type Hooks = Parameters<typeof registerHooks>[0];

const renew: Hooks["resolve"] = (specifier, context, next) => {
  const resolved = next(specifier, context);
  const isHelper = ofTests.test(resolved.url) && ofTests.test(context.parentURL ?? "");
  return isHelper ? { ...resolved, url: `${resolved.url.split("?", 1)[0]}?test-file=${current}` } : resolved;
};

/** Node keeps what it has stripped by address, and these addresses are always new. */
const loadStripped: Hooks["load"] = (url, context, next) => {
  const [, file] = ofFile.exec(url) ?? [];
  if (file === undefined) return next(url, context);
  const source = stripped.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), "utf8"));
  stripped.set(file, source);
  return { format: "module", source, shortCircuit: true };
};
