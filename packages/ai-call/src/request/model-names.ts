import { nameTest, optionError } from "@aivillage/middleware";

/** The names of models at one backend, by those that clients use. */
export type ModelNames = Readonly<Record<string, string>>;

/** Finds the name of a model at a backend: `undefined` for one that has the same name there. */
type FindName = (model: string) => string | undefined;

/**
 * Prepares a map of names. An exact name wins; of patterns, the first. The `*` of a name at the backend stands for what the `*` of its
 * pattern has matched.
 *
 * @throws OptionError for a map that is empty, a name that is empty, and a `*` without one in the pattern
 */
export function modelNames(packageName: string, given: ModelNames): FindName {
  const entries = Object.entries(Object(given) as Record<string, unknown>);
  if (entries.length === 0) throw optionError(packageName, "names", "an object of model names, at least one", given);
  for (const [name, other] of entries) check(packageName, name, other);
  const exact = new Map(Object.entries(given).filter(([name]) => !name.includes("*")));
  const patterns = Object.entries(given)
    .filter(([name]) => name.includes("*"))
    .map(([pattern, name]) => ({ test: nameTest([pattern]), fill: filler(pattern, name) }));
  return (model) => exact.get(model) ?? patterns.find(({ test }) => test(model))?.fill(model);
}

function check(packageName: string, name: string, other: unknown): void {
  const at = `names[${JSON.stringify(name)}]`;
  const isText = typeof other === "string" && other !== "" && name !== "";
  if (!isText) throw optionError(packageName, at, "the name of a model", other);
  const [here, there] = [starsOf(name), starsOf(other)];
  if (there > 1 || (there === 1 && here !== 1)) {
    throw optionError(packageName, at, "a name with one `*` at most, and with none unless its pattern has exactly one", other);
  }
}

function starsOf(name: string): number {
  return name.split("*").length - 1;
}

function filler(pattern: string, name: string): (model: string) => string {
  const [before = "", after = ""] = pattern.split("*");
  if (!name.includes("*")) return () => name;
  // A function, as `$` in a string would be special.
  return (model) => name.replace("*", () => model.slice(before.length, model.length - after.length));
}
