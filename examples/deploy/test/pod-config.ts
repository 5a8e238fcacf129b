import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadConfig } from "@aivillage/gateway";

import type { Manifest } from "./kubernetes-schemas.ts";
import { only } from "./manifests.ts";

/** The configuration that a pod gets, from the files that are mounted into it. */
export function podConfig(manifests: readonly Manifest[], keys = only(manifests, "Secret").data) {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-pod-"));
  try {
    const { spec } = only(manifests, "Deployment").spec.template;
    const [{ env, volumeMounts }] = spec.containers;
    const decoded = Object.entries(keys).map(([name, value]) => [name, Buffer.from(value, "base64").toString()] as const);
    const contents = { config: Object.entries(only(manifests, "ConfigMap").data), keys: decoded };
    for (const { name, mountPath } of volumeMounts) {
      mkdirSync(join(folder, mountPath), { recursive: true });
      for (const [file, text] of contents[name as keyof typeof contents]) writeFileSync(join(folder, mountPath, file), text);
    }
    return loadConfig({
      env: Object.fromEntries(env.map(({ name, value }) => [name, value.startsWith("/") ? join(folder, value) : value])),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
