import { globSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Plugin } from "rolldown";

/** Adds the file `bundled-licences.txt` to a build: the licences of the libraries in it, as these licences require. */
export const bundledLicences: Plugin = {
  name: "bundled-licences",
  generateBundle(_options, bundle) {
    const licences = licencesOf(Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])));
    if (licences !== "") this.emitFile({ type: "asset", fileName: "bundled-licences.txt", source: licences });
  },
};

function licencesOf(modules: readonly string[]): string {
  const files = modules.filter((file) => file.includes("/node_modules/"));
  const texts = Array.from(new Set(files.map(manifestOf)), (manifest) => {
    const { name } = JSON.parse(readFileSync(manifest, "utf8")) as { name: string };
    const [licence] = globSync("{licen,LICEN}{c,C,s,S}{e,E}*", { cwd: dirname(manifest) });
    if (licence === undefined) throw new Error(`the build contains ${name}, which has no licence file`);
    return `${name}\n\n${readFileSync(join(dirname(manifest), licence), "utf8").trim()}\n`;
  });
  return texts.join("\n---\n\n");
}

/** The manifest of the package that a file belongs to. */
export function manifestOf(file: string): string {
  return findPackageJSON(pathToFileURL(file)) ?? "";
}
