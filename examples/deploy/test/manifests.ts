import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { kitFolder, readKit, readYaml, yamlDocuments } from "./kit.ts";
import type { Manifest } from "./kubernetes-schemas.ts";

type Labels = Readonly<Record<string, string>>;
interface Probe {
  httpGet: { path: string; port: string };
}

export interface Container {
  image: string;
  env: readonly { name: string; value: string }[];
  ports: readonly { name: string; containerPort: number }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe & { periodSeconds: number; failureThreshold: number };
  securityContext: object;
  volumeMounts: readonly { name: string; mountPath: string }[];
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: object;
  containers: readonly [Container];
  volumes: readonly { name: string; configMap?: { name: string }; secret?: { secretName: string } }[];
}

/** Pods of this namespace, or of another one. */
interface Peer {
  namespaceSelector?: { matchLabels: Labels };
  podSelector?: { matchLabels: Labels };
}

/** The fields that the tests look at, by kind. */
export interface Kinds {
  Deployment: Manifest & { spec: { selector: { matchLabels: Labels }; template: { metadata: { labels: Labels }; spec: PodSpec } } };
  Service: Manifest & { spec: { selector: Labels; ports: readonly [{ port: number; targetPort: string }] } };
  ServiceAccount: Manifest & { automountServiceAccountToken: boolean };
  ConfigMap: Manifest & { data: Readonly<Record<string, string>> };
  Secret: Manifest & { data: Readonly<Record<string, string>> };
  PodDisruptionBudget: Manifest & { spec: { selector: { matchLabels: Labels }; maxUnavailable: number } };
  HorizontalPodAutoscaler: Manifest & {
    spec: {
      scaleTargetRef: { kind: string; name: string };
      minReplicas: number;
      maxReplicas: number;
      metrics: readonly [{ pods: { metric: { name: string } } }];
    };
  };
  NetworkPolicy: Manifest & {
    spec: {
      podSelector: { matchLabels?: Labels };
      policyTypes: readonly string[];
      ingress?: readonly { from: readonly Peer[]; ports: readonly { port: number }[] }[];
      egress?: readonly { to: readonly Peer[]; ports: readonly { port: number }[] }[];
    };
  };
}

/** The network policy of a name. */
export function policy(manifests: readonly Manifest[], name: string): Kinds["NetworkPolicy"] {
  const found = manifests.find(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === name);
  if (found === undefined) throw new Error(`there must be a NetworkPolicy ${name}`);
  return found as Kinds["NetworkPolicy"];
}

/** The only manifest of a kind that is not about Redis. */
export function only<K extends keyof Kinds>(manifests: readonly Manifest[], kind: K): Kinds[K] {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind && !manifest.metadata.name.includes("redis"));
  if (found === undefined || others.length > 0) throw new Error(`there must be one ${kind}`);
  return found as Kinds[K];
}

const { stdout: versions } = spawnSync("kubectl", ["version", "--client"], { encoding: "utf8" });
const hasKustomize = Number(/Kustomize Version: v(\d+)/.exec(versions ?? "")?.[1] ?? 0) >= 5;

/** Options of tests that need kubectl, which renders Kustomize by itself, without a cluster. */
export const needsKubectl = { skip: hasKustomize ? false : "no kubectl with Kustomize 5: the manifests of the base were only read" };

interface Kustomization {
  resources: readonly string[];
}

/** The resources of the base as they are written, without what Kustomize makes. */
export function writtenBase(): Manifest[] {
  const { resources } = readYaml("kubernetes/base/kustomization.yaml") as Kustomization;
  return resources.flatMap((file) => yamlDocuments(readKit(`kubernetes/base/${file}`)) as Manifest[]);
}

/** What Kustomize makes of a folder, with secrets as README.md makes them and with further components. */
export function rendered(name: "base" | "production", components: readonly string[] = []): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-kustomize-"));
  try {
    cpSync(join(kitFolder, "kubernetes"), folder, { recursive: true });
    mkdirSync(join(folder, "production/secrets"), { recursive: true });
    const secrets = {
      api_key: randomBytes(32).toString("hex"),
      secret_key: randomBytes(32).toString("hex"),
      redis_url: `rediss://:${randomBytes(32).toString("hex")}@redis:6379`,
      redis_ca: "a certificate",
      redis_conf: "requirepass something",
      redis_cert: "a certificate",
      redis_key: "a key",
    };
    for (const [file, value] of Object.entries(secrets)) writeFileSync(join(folder, "production/secrets", file), `${value}\n`);
    const file = join(folder, name, "kustomization.yaml");
    const added = components.map((component) => `  - ../components/${component}\n`).join("");
    writeFileSync(file, readFileSync(file, "utf8").replace("components:\n", `components:\n${added}`));
    const text = execFileSync("kubectl", ["kustomize", join(folder, name)], { encoding: "utf8" });
    return (yamlDocuments(text) as Manifest[]).map(withoutLineBreaks);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Kustomize breaks long Base64 into lines, which Kubernetes takes and the schema does not. */
function withoutLineBreaks(manifest: Manifest): Manifest {
  if (manifest.kind !== "Secret") return manifest;
  const { data, ...rest } = manifest as Kinds["Secret"];
  return {
    ...rest,
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, value.replaceAll(/\s/g, "")])),
  } as Manifest;
}
