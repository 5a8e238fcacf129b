import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../src/root.ts";
import { publishedPackages, type WorkspacePackage, workspacePackages } from "../src/workspace.ts";

/** The properties of every `…Options` interface, and of those it is made of, in a package. */
function optionNames({ sources, read }: WorkspacePackage): string[] {
  const interfaces = sources.flatMap((source) => [...read(source).matchAll(/^export interface \w*Options\b[^{]*\{\n([\s\S]*?)^\}/gm)]);
  return interfaces.flatMap(([, body = ""]) => [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map((match) => match[1] ?? ""));
}

/** What packages export beside their factory: what not every user of the factory needs, and brings libraries of its own. */
const furtherExports: Readonly<Record<string, readonly string[]>> = { "api-key-auth": ["./keys-file"] };

function exportOf(name: string): [name: string, conditions: object] {
  const file = name === "." ? "index" : `${name.slice(2)}/index`;
  return [
    name,
    {
      "@aivillage/source": `./src/${file}.ts`,
      import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
      require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
    },
  ];
}

/** The oldest release of Node that we support, or a later one that a dependency asks for. */
function neededNode({ manifest, read }: WorkspacePackage): string {
  const asked = Object.keys(manifest.dependencies ?? {}).map((name) => {
    const { engines } = JSON.parse(read(`node_modules/${name}/package.json`)) as WorkspacePackage["manifest"];
    const [, major, minor = 0] = />=\s*(\d+)(?:\.(\d+))?/.exec(engines?.["node"] ?? "") ?? [];
    return { major: Number(major ?? 0), minor: Number(minor) };
  });
  const { major, minor } = [{ major: 22, minor: 12 }, ...asked].reduce((most, each) =>
    each.major > most.major || (each.major === most.major && each.minor > most.minor) ? each : most,
  );
  return `>=${major}.${minor}`;
}

/** The sections that READMEs share, in the order in which readers need them; further ones stand before `Options` or `Errors`. */
const sectionOrder: readonly string[] = ["Options", "Request values", "Events", "Errors", "Order", "Trust", "Limits"];
const headingsOf = (readme: string): string[] => [...readme.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);

const repository = "https://github.com/aivillage/gateway";

/** Packages whose main function has a name that says more than that of the package, or hides no global. */
const mainFiles: Readonly<Record<string, string>> = { console: "live-console", "input-sanitizer": "sanitize-input", screening: "screen" };
/** Packages that are no middleware, so that there is no order to mount them in. */
const notMounted = ["middleware", "gateway", "screening"];

for (const each of publishedPackages) {
  const { folder, path, manifest, sources, read } = each;

  test(`${folder} has the files that every package has`, () => {
    const expected = ["README.md", "CHANGELOG.md", "tsconfig.build.json", "src/index.ts"];
    if (!["middleware", "gateway"].includes(folder)) expected.push(`src/${mainFiles[folder] ?? folder}.ts`);
    assert.deepEqual(
      expected.filter((file) => !existsSync(join(path, file))),
      [],
    );
  });

  test(`${folder} has a complete manifest`, () => {
    assert.equal(manifest.name, `@aivillage/${folder}`);
    assert.equal(manifest.license, "MIT");
    assert.equal(manifest.type, "module");
    assert.deepEqual(manifest.engines, { node: neededNode(each) });
    assert.deepEqual(manifest.files, ["dist", "src", "CHANGELOG.md"]);
    assert.equal(manifest.repository?.directory, `packages/${folder}`);
    assert.equal(manifest.homepage, `${repository}/tree/main/packages/${folder}#readme`);
    assert.deepEqual(manifest.bugs, { url: `${repository}/issues` });
    assert.equal(manifest.author, "The AIVillage Gateway authors");
    assert.deepEqual(manifest.publishConfig, { access: "public", provenance: true });
    assert.ok((manifest.description ?? "").length > 20 && (manifest.keywords ?? []).length >= 3);
    const further = furtherExports[folder] ?? [];
    assert.deepEqual(manifest.exports, Object.fromEntries([".", ...further].map(exportOf)));
  });

  test(`${folder} is found by programs that do not read exports`, () => {
    const further = furtherExports[folder] ?? [];
    const typesOf = (name: string): [string, string[]] => [name.slice(2), [`./dist/${name.slice(2)}/index.d.cts`]];
    assert.equal(manifest.main, "./dist/index.cjs");
    assert.equal(manifest.types, "./dist/index.d.cts");
    assert.deepEqual(manifest.typesVersions, further.length === 0 ? undefined : { "*": Object.fromEntries(further.map(typesOf)) });
    assert.match(manifest.scripts?.["build"] ?? "", /^tsc -p tsconfig\.build\.json && rolldown -c \.\.\/rolldown\.config\.ts( &&|$)/);
  });

  test(`${folder} documents each of its options in README.md or in depth`, () => {
    const depth = join(root, `docs/packages/${folder}.md`);
    const documented = read("README.md") + (existsSync(depth) ? readFileSync(depth, "utf8") : "");
    assert.deepEqual(
      optionNames(each).filter((name) => !documented.includes(`\`${name}\``)),
      [],
    );
  });

  test(`${folder} has a README.md of at most 150 lines that links to its page in depth`, () => {
    const readme = read("README.md");
    const lines = readme.trimEnd().split("\n").length;
    assert.ok(lines <= 150, `${lines} lines: move depth to docs/packages/${folder}.md`);
    const page = `docs/packages/${folder}.md`;
    if (existsSync(join(root, page))) assert.ok(readme.includes(`](../../${page}`), `no link to ${page}`);
  });

  test(`${folder} has the sections of README.md in the order of all packages`, () => {
    const headings = headingsOf(read("README.md")).filter((heading) => sectionOrder.includes(heading));
    assert.deepEqual(
      headings,
      sectionOrder.filter((heading) => headings.includes(heading)),
    );
    assert.match(
      read("README.md"),
      /^# @aivillage\/[\w-]+\n\n\w[^\n]*\n(?:[^\n]+\n)*\n(?:[^\n]+\n)*?(?:\n[^\n]*\n)?```sh\n(?:npm install|npx) /,
    );
  });

  test(`${folder} says in README.md where to mount it and what it does not promise`, () => {
    const headings = headingsOf(read("README.md"));
    const expected = notMounted.includes(folder) ? ["Limits"] : ["Options", "Order", "Limits"];
    assert.deepEqual(
      expected.filter((heading) => !headings.includes(heading)),
      [],
    );
  });

  test(`${folder} re-exports from index.ts and does nothing else there`, () => {
    const statements = read("src/index.ts")
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .split(";")
      .map((statement) => statement.trim())
      .filter((statement) => statement !== "");
    assert.deepEqual(
      statements.filter((statement) => !/^export (type )?\{[\s\S]*\} from "\.\/.*"$/.test(statement)),
      [],
    );
  });

  test(`${folder} has tests`, () => {
    assert.ok(sources.length > 0);
    assert.ok(existsSync(join(path, "test")), `packages/${folder}/test is missing`);
  });
}

test("no source is longer than 200 lines", () => {
  const long = workspacePackages.flatMap(({ folder, sources, read }) =>
    sources.filter((source) => read(source).split("\n").length > 201).map((source) => `${folder}/${source}`),
  );
  assert.deepEqual(long, []);
});
