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

/** What the table does not say. The filter is one that `packages/problem-details/test/nest-filter.test.ts` tries. */
const ofSomeHosts = [
  "**tRPC** makes every error of the `middleware` of `createHTTPServer()` a 500 with the headers of the refusal. This sends the problem instead:",
  "`createHTTPServer({ router, middleware: orProblem(compose(securityHeaders(), auth), problemDetails()) })`.",
  "",
  "```js",
  "const orProblem = (handler, onError) => (req, res, next) =>",
  "  handler(req, res, (error) => (error ? onError(error, req, res, () => {}) : next()));",
  "```",
  "",
  "**h3 1, Nitro 2 and Nuxt** take each handler as `fromNodeMiddleware(handler)`, and send status and headers of a refusal. On the server",
  '`$fetch("/api")` makes a request within the process, which passes the same middleware without an address: exempt it from limits by address',
  "with `skip: (req) => !req.socket.remoteAddress`.",
  "",
  "**NestJS**: an error's message is sent only if the error says `expose: true`, which Nest's exceptions do not. So the line above sends",
  '`new NotFoundException("no user 7")` as a 404 without a `detail`. This filter keeps the messages of 4xx exceptions, those of',
  "`ValidationPipe` too. `HttpException` is from `@nestjs/common`, and `HttpProblem` from `@aivillage/middleware`. Register it with",
  "`app.useGlobalFilters(filter)`:",
  "",
  "```js",
  "const toProblem = (error) => {",
  "  if (!(error instanceof HttpException) || error.getStatus() >= 500) return error;",
  "  const { message } = Object(error.getResponse());",
  '  return new HttpProblem({ status: error.getStatus(), detail: [message ?? error.message].flat().join("; "), cause: error });',
  "};",
  "const filter = {",
  "  catch(error, host) {",
  "    const http = host.switchToHttp();",
  "    sendProblem(toProblem(error), http.getRequest(), http.getResponse(), () => {});",
  "  },",
  "};",
  "```",
  "",
  "`sanitizeInput()` works with `app.use()`, before Nest's body parser, and in a module, after it: `@Body()` is what was checked. What the",
  "schema has cleaned is in `getInput(req, check).body`, and with `app.use()` in `@Body()` too. `packages/input-sanitizer/test/nest.test.ts`",
  "tries both.",
];

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
    "line gives problem documents (RFC 9457). Mount it last; where a line uses `sendProblem`, it is `const sendProblem = problemDetails()`.",
    "",
    "| Host | Line |",
    "| --- | --- |",
    ...hosts.filter(({ line }) => line !== undefined).map(({ name, line }) => `| ${name} | \`${line?.replaceAll("|", "\\|")}\` |`),
    "",
    ...ofSomeHosts,
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
