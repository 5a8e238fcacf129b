// The builds of the package in the working directory: ES modules and CommonJS, beside the declarations that tsc has written.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

import { defineConfig, type Plugin, type RolldownOptions } from "rolldown";

import { bundledLicences, manifestOf } from "./bundled-licences.ts";

interface Manifest {
  readonly type?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly "@aivillage/source": string }>>;
}

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest;
const { bin = {}, dependencies = {}, exports } = readManifest("package.json");
const require = createRequire(resolve("package.json"));

/** Entries keep their path below `src`, such as `keys-file/index`. */
const entries = Object.values(exports).map((conditions) => conditions["@aivillage/source"].slice("./src/".length, -".ts".length));
/** Programs, which are ES modules only. */
const programs = Object.values(bin).map((file) => file.slice("./dist/".length, -".js".length));

/** Jest and older bundlers cannot `require()` an ES module: a library that offers nothing else becomes part of the build. */
const bundled = Object.keys(dependencies).filter((name) => !/^@(aivillage|types)\//.test(name) && isEsModule(require.resolve(name)));
const external = Object.keys(dependencies).filter((name) => !bundled.includes(name));

function isEsModule(file: string): boolean {
  return file.endsWith(".mjs") || (file.endsWith(".js") && readManifest(manifestOf(file)).type === "module");
}

/** To a CommonJS program `*.d.ts` declares ES modules, which it may not load; `*.d.cts` says the same of CommonJS modules. */
function writeDeclarations(): void {
  for (const file of globSync("dist/**/*.d.ts")) {
    const declarations = readFileSync(file, "utf8")
      .replaceAll(/(from |import\()"(\.{1,2}\/[^"]+)\.[jt]s"/g, '$1"$2.cjs"')
      .replaceAll(/^(import type .+ from "([^"]+)");$/gm, (line, statement: string, id: string) =>
        bundled.includes(id) ? `${statement} with { "resolution-mode": "import" };` : line,
      )
      .replace(/^(\/\/# sourceMappingURL=.+)\.d\.ts\.map$/m, "$1.d.cts.map");
    const target = file.replace(/ts$/, "cts");
    writeFileSync(target, declarations);
    writeFileSync(`${target}.map`, readFileSync(`${file}.map`, "utf8").replace('.d.ts"', '.d.cts"'));
  }
}

const declarations: Plugin = { name: "declarations", generateBundle: writeDeclarations };

const inputOf = (names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
const named = (names: readonly string[]): RegExp[] => names.map((name) => new RegExp(`^${name}(/|$)`));

const common: RolldownOptions = {
  platform: "node",
  tsconfig: false,
  transform: { target: "es2023" },
  checks: { pluginTimings: false },
  onLog(_level, { message }) {
    throw new Error(message);
  },
};

export default defineConfig([
  {
    ...common,
    // Node takes about a millisecond for each module that it resolves, reads and links, so a package is as few files as it can be.
    input: inputOf([...entries, ...programs]),
    external: named(Object.keys(dependencies)),
    // Not in a folder: modules find the files of their package from where they are.
    output: { dir: "dist", format: "esm", sourcemap: true, entryFileNames: "[name].js", chunkFileNames: "[name].chunk.js" },
  },
  {
    ...common,
    input: inputOf(entries),
    external: named(external),
    plugins: [bundledLicences, declarations],
    output: { dir: "dist", format: "cjs", sourcemap: true, entryFileNames: "[name].cjs", chunkFileNames: "[name].chunk.cjs" },
  },
]);
