// The CommonJS build of the package in the working directory: *.cjs and *.d.cts beside the ES modules that tsc has written.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire, findPackageJSON } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { defineConfig, type Plugin } from "rolldown";

interface Manifest {
  readonly name: string;
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly "@aivillage/source": string }>>;
}

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest;
const { dependencies = {}, exports } = readManifest("package.json");
const require = createRequire(resolve("package.json"));

/** Entries keep their path below `src`, such as `keys-file/index`. */
const entries = Object.values(exports).map((conditions) => conditions["@aivillage/source"].slice("./src/".length, -".ts".length));

/** Jest and older bundlers cannot `require()` an ES module: a library that offers nothing else becomes part of the build. */
const bundled = Object.keys(dependencies).filter((name) => !/^@(aivillage|types)\//.test(name) && isEsModule(require.resolve(name)));
const external = Object.keys(dependencies).filter((name) => !bundled.includes(name));

function isEsModule(file: string): boolean {
  return file.endsWith(".mjs") || (file.endsWith(".js") && readManifest(manifestOf(file)).type === "module");
}

/** The manifest of the package that a file belongs to. */
function manifestOf(file: string): string {
  return findPackageJSON(pathToFileURL(file)) ?? "";
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

/** The licences of the libraries in the build, as these licences ask for. */
function licencesOf(modules: readonly string[]): string {
  const files = modules.filter((file) => file.includes("/node_modules/"));
  const texts = Array.from(new Set(files.map(manifestOf)), (manifest) => {
    const { name } = readManifest(manifest);
    const [licence] = globSync("{licen,LICEN}{c,C,s,S}{e,E}*", { cwd: dirname(manifest) });
    if (licence === undefined) throw new Error(`the CommonJS build contains ${name}, which has no licence file`);
    return `${name}\n\n${readFileSync(join(dirname(manifest), licence), "utf8").trim()}\n`;
  });
  return texts.join("\n---\n\n");
}

const complete: Plugin = {
  name: "complete",
  generateBundle(_options, bundle) {
    const licences = licencesOf(Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])));
    if (licences !== "") this.emitFile({ type: "asset", fileName: "bundled-licences.txt", source: licences });
    writeDeclarations();
  },
};

export default defineConfig({
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: "node",
  tsconfig: false,
  transform: { target: "es2023" },
  external: external.map((name) => new RegExp(`^${name}(/|$)`)),
  plugins: [complete],
  output: {
    dir: "dist",
    format: "cjs",
    sourcemap: true,
    entryFileNames: "[name].cjs",
    // Not in a folder: modules find the files of their package from where they are.
    chunkFileNames: "[name].chunk.cjs",
  },
  checks: { pluginTimings: false },
  onLog(_level, { message }) {
    throw new Error(message);
  },
});
