import type { Results } from "./run-on-host.ts";

/** What was seen on one host, or with one runtime. */
export interface Row {
  readonly name: string;
  readonly stock: Results;
  readonly problems: Results;
  /** Why checks fail that are known to, by the name of the check. */
  readonly known: Readonly<Record<string, string>>;
  /** The code that makes errors problem documents. */
  readonly line?: string;
  readonly before?: string | undefined;
}

/** The checks that failed, in both ways of handling errors. */
export function failuresOf({ stock, problems }: Row): string[] {
  const failed = [stock, problems].flatMap((results) => Object.keys(results).filter((check) => results[check] !== "ok"));
  return [...new Set(failed)];
}

const count = (results: Results): string => {
  const values = Object.values(results);
  return `${values.filter((result) => result === "ok").length} of ${values.length}`;
};

const table = (rows: readonly Row[], title: string): string[] => [
  `| ${title} | Its own error handler | With \`problemDetails()\` |`,
  "| --- | --- | --- |",
  ...rows.map((row) => `| ${row.name} | ${count(row.stock)} | ${count(row.problems)} |`),
];

const exceptions = (rows: readonly Row[]): string[] =>
  rows.flatMap((row) =>
    failuresOf(row).map((check) => `- ${row.name}, "${check}": ${row.known[check] ?? row.problems[check] ?? row.stock[check] ?? ""}`),
  );

/** The compatibility page. */
export function renderPage(hosts: readonly Row[], runtimes: readonly Row[], versions: Readonly<Record<string, string>>): string {
  const checks = Object.keys(hosts[0]?.problems ?? {});
  return [
    "# Compatibility",
    "",
    "The packages are connect-style middleware: they use `node:http` members only, so they run wherever `(req, res, next)` does. This page is",
    "written by `pnpm test:hosts`, which installs the packed packages and each host from the registry and runs the same checks on all of them.",
    "",
    "## Hosts",
    "",
    "All packages are mounted together on Node 24 (restify 11 on Node 22, since it does not load on 24). Each host runs twice: with its own",
    "error handler, and with the line below that makes errors problem documents.",
    "",
    ...table(hosts, "Host"),
    "",
    "### What does not work",
    "",
    ...exceptions(hosts),
    "",
    "### Errors as problem documents",
    "",
    "With its own error handler, every host sends the status of a refusal and its headers, such as `Retry-After` and `WWW-Authenticate`. An",
    "error that your own code makes gets the same if it is passed on with `passError(problem, res, next)` of `@aivillage/middleware`. One",
    "line gives problem documents (RFC 9457). Mount it last; where a line uses `answer`, it is `const answer = problemDetails()`.",
    "",
    "| Host | Line |",
    "| --- | --- |",
    ...hosts.filter(({ line }) => line !== undefined).map(({ name, line }) => `| ${name} | \`${line?.replaceAll("|", "\\|")}\` |`),
    "",
    "## Runtimes",
    "",
    "The same checks on Express 5.",
    "",
    ...table(runtimes, "Runtime"),
    "",
    ...exceptions(runtimes),
    "",
    "## The checks",
    "",
    ...checks.map((check) => `- ${check}`),
    "",
    "## Versions",
    "",
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version.replace(/^npm:[^@]+@/, "")}`)
      .join(", ") + ".",
    "",
  ].join("\n");
}
