import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "@aivillage/testing";

import { kitFolder } from "./kit.ts";

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

/** The packages with types and validators of kinds that Kubernetes itself does not have, by their API group. */
const packages: Readonly<Record<string, string>> = {
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};

function moduleOf({ apiVersion, kind }: Manifest): string {
  const [group = ""] = apiVersion.split("/", 1);
  return `${packages[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`;
}

const tsc = join(root, "node_modules/typescript/bin/tsc");

/**
 * What the compiler says of manifests as literals of the types that were generated from the schemas of Kubernetes: fields that
 * are unknown, missing or of a wrong type. Empty when all is right.
 */
export function typeProblems(manifests: readonly Manifest[]): string {
  const lines = manifests.map(
    (manifest, index) =>
      `import type { I${manifest.kind} as T${index} } from "${moduleOf(manifest)}";\n` +
      `export const manifest${index}: T${index} = ${JSON.stringify(manifest)};\n`,
  );
  const folder = mkdtempSync(join(tmpdir(), "aivillage-manifests-"));
  try {
    symlinkSync(join(kitFolder, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "manifests.ts"), lines.join(""));
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", "", "--ignoreConfig"];
    return spawnSync(process.execPath, [tsc, ...options, "manifests.ts"], { cwd: folder, encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the validator of its kind says of a manifest: formats such as quantities, patterns and ranges beside the types. */
export async function schemaProblem(manifest: Manifest): Promise<string | undefined> {
  const { apiVersion, kind, ...rest } = manifest;
  const models = (await import(moduleOf(manifest))) as Record<string, new (data: object) => { validate(): void }>;
  const Model = models[kind];
  if (Model === undefined) return `${apiVersion} has no ${kind}`;
  try {
    new Model(rest).validate();
    return undefined;
  } catch (error) {
    return `${kind} ${rest.metadata.name}: ${(error as Error).message}`;
  }
}
