import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { root } from "../root.ts";
import { publishedPackages } from "../workspace.ts";
import { pnpm } from "./run.ts";

interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly purl: string } };
  readonly components: readonly { readonly purl: string }[];
}

/** Where the bills of materials are written. */
export const sbomFolder = join(root, ".release/sbom");

/**
 * Writes a software bill of materials in CycloneDX format for each published package: everything that an installation of it brings, at the
 * versions of the lock file.
 *
 * @throws Error when one is missing, or lacks a direct dependency of its package
 */
export function writeSboms(): void {
  rmSync(sbomFolder, { recursive: true, force: true });
  mkdirSync(sbomFolder, { recursive: true });
  const filters = publishedPackages.map(({ manifest }) => `--filter=${manifest.name}`);
  const format = ["--sbom-format", "cyclonedx", "--sbom-spec-version", "1.6"];
  pnpm([...filters, "sbom", "--prod", "--split", ...format, "--out", join(sbomFolder, "%s-%v.cdx.json")]);
  const written = globSync(join(sbomFolder, "*.json")).map((file) => JSON.parse(readFileSync(file, "utf8")) as Sbom);
  for (const { manifest } of publishedPackages) {
    const purl = purlOf(manifest.name);
    const sbom = written.find(({ metadata }) => metadata.component.purl.startsWith(`${purl}@`));
    if (sbom?.bomFormat !== "CycloneDX") throw new Error(`${manifest.name} has no bill of materials in ${sbomFolder}`);
    const missing = Object.keys(manifest.dependencies ?? {}).filter(
      (name) => !sbom.components.some((component) => component.purl.startsWith(`${purlOf(name)}@`)),
    );
    if (missing.length > 0) throw new Error(`the bill of materials of ${manifest.name} lacks ${missing.join(", ")}`);
  }
}

/** The URL of a package without its version. */
const purlOf = (name: string): string => `pkg:npm/${name.replace("@", "%40")}`;
