/** Which Markdown files of the repository are pages of the site, and the path that each has there. */

/** Files by their path in the repository, and their page; the first rule that matches counts. */
const rules: readonly (readonly [file: RegExp, page: string])[] = [
  [/^docs\/README\.md$/, "index.md"],
  [/^docs\/api\/([\w-]+)\/src\.md$/, "packages/$1/api.md"],
  [/^docs\/api\/([\w-]+)\/src\/([\w-]+)\.md$/, "packages/$1/api-$2.md"],
  [/^docs\/packages\/README\.md$/, "packages/index.md"],
  [/^docs\/packages\/([\w-]+)\.md$/, "packages/$1/in-depth.md"],
  [/^docs\/(.+)\/README\.md$/, "$1/index.md"],
  [/^docs\/(.+\.md)$/, "$1"],
  [/^packages\/(?!testing|benchmarks)([\w-]+)\/README\.md$/, "packages/$1/index.md"],
  [/^packages\/([\w-]+)\/docs\/([\w-]+\.md)$/, "packages/$1/$2"],
  [/^examples\/([\w-]+)\/README\.md$/, "examples/$1.md"],
  [/^CONTRIBUTING\.md$/, "contributing.md"],
  [/^SECURITY\.md$/, "security.md"],
];

/** The page that shows a file of the repository, or `undefined` if none does. */
export function pageOf(file: string): string | undefined {
  const [from, to] = rules.find(([pattern]) => pattern.test(file)) ?? [];
  return from === undefined || to === undefined ? undefined : file.replace(from, to);
}

/** Markdown files that are no pages of the site. */
export const excludedFiles: readonly string[] = [
  "**/node_modules/**",
  "**/dist/**",
  "**/test/**",
  "packages/*/src/**",
  "**/CHANGELOG.md",
  "README.md",
  "docs/api/README.md",
  "packages/testing/**",
  "packages/benchmarks/**",
];
