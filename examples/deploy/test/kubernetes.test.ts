import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";

import { loadConfig, startGateway } from "@aivillage/gateway";
import { readFromRoot } from "@aivillage/testing";

import { kitFolder, readKit, readYaml, settingNames } from "./kit.ts";
import { type Manifest, schemaProblem, typeProblems } from "./kubernetes-schemas.ts";
import { type Container, needsKubectl, only, type PodSpec, policy, rendered, writtenBase } from "./manifests.ts";
import { podConfig } from "./pod-config.ts";

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function includes(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(selector)) assert.equal(labels[name], value, name);
}

test("a field that Kubernetes does not have, and a value that it does not take, would be found", async () => {
  const deployment = only(writtenBase(), "Deployment");
  const misspelt = JSON.parse(JSON.stringify(deployment).replace("readinessProbe", "readinesProbe")) as Manifest;
  assert.match(typeProblems([misspelt]), /readinesProbe/);
  const wrong = JSON.parse(JSON.stringify(deployment).replace('"192Mi"', '"192 MB"')) as Manifest;
  assert.match((await schemaProblem(wrong)) ?? "", /memory/);
});

test("no range of pods or nodes is trusted or reads metrics", () => {
  const { server, metrics } = loadConfig({ env: { CONFIG_FILE: join(kitFolder, "kubernetes/base/gateway.yaml") } });
  // A documentation range (RFC 5737), which no peer has.
  for (const range of [...server.trustedProxies, ...metrics.allow]) assert.match(range, /^192\.0\.2\.\d+\/2[4-9]$/, range);
  assert.ok(metrics.allow.length > 0);
});

test("the values for ingress-nginx keep the address of the client, and nothing that it says of itself", () => {
  const { controller } = readYaml("kubernetes/ingress-nginx.yaml") as {
    controller: { service: { externalTrafficPolicy: string }; config: Record<string, string>; allowSnippetAnnotations: boolean };
  };
  assert.equal(controller.service.externalTrafficPolicy, "Local");
  assert.equal(controller.config["use-forwarded-headers"], "false");
  assert.equal(controller.allowSnippetAnnotations, false);
  const [ignored = ""] = /proxy_ignore_headers [^;]+;/.exec(readKit("nginx.conf")) ?? [];
  assert.ok(controller.config["http-snippet"]?.includes(ignored));
});

describe("the base as it is written", () => checks(writtenBase));
describe("the base as Kustomize renders it", needsKubectl, () => checks(() => rendered("base")));
describe("production as Kustomize renders it", needsKubectl, () => {
  checks(() => rendered("production"));

  test("the gateway takes the settings, and refuses the keys of the base", () => {
    const production = rendered("production");
    assert.equal(podConfig(production).environment, "production");
    assert.throws(
      () => podConfig(production, only(rendered("base"), "Secret").data),
      /API_KEY is the public development key[^]*SECRET_KEY/,
    );
  });

  test("the components for clients, monitoring and Redis fit the gateway and the schemas of their kinds", async () => {
    const manifests = rendered("production", ["gateway-api", "ingress", "prometheus-operator"]);
    const added = ["HTTPRoute", "Ingress", "ServiceMonitor", "PrometheusRule"];
    assert.deepEqual(
      added.filter((kind) => !manifests.some((manifest) => manifest.kind === kind)),
      [],
    );
    assert.equal(typeProblems(manifests), "");
    assert.deepEqual(
      (await Promise.all(manifests.map(schemaProblem))).filter((problem) => problem !== undefined),
      [],
    );
    const written = JSON.stringify(manifests);
    const { port } = only(manifests, "Service").spec.ports[0];
    assert.ok(written.includes(`"backendRefs":[{"name":"gateway","port":${port}}]`));
    const { metadata: secret } = manifests.find(({ metadata }) => metadata.name.startsWith("redis-keys-")) ?? assert.fail();
    assert.ok(written.includes(`"secretName":"${secret.name}"`));
  });

  test("nothing of the namespace is reached or reaches anything that no policy names", () => {
    const { podSelector, policyTypes, ingress, egress } = policy(rendered("production"), "default-deny").spec;
    assert.deepEqual([podSelector, policyTypes, ingress, egress], [{}, ["Ingress", "Egress"], undefined, undefined]);
  });

  test("the settings, the pod and the network policy fit together", () => {
    for (const manifests of [rendered("base"), rendered("production")]) {
      const { server, services, rateLimit } = podConfig(manifests);
      const { spec } = only(manifests, "Deployment").spec.template;
      const [container] = spec.containers;
      assert.equal(container.ports[0]?.containerPort, server.port);
      assert.ok(spec.terminationGracePeriodSeconds >= server.drainDelaySeconds + server.drainSeconds + 5);
      const { periodSeconds, failureThreshold } = container.readinessProbe;
      assert.ok(server.drainDelaySeconds > periodSeconds * failureThreshold, "the probe notices before connections are refused");
      const { egress = [] } = policy(manifests, "gateway").spec;
      for (const url of [...Object.values(services).flat(), rateLimit.redisUrl]) {
        const { hostname, port } = new URL(url);
        const open = egress.find(({ to }) => to[0]?.podSelector?.matchLabels["app.kubernetes.io/name"] === hostname);
        assert.deepEqual(
          open?.ports.map((each) => String(each.port)),
          [port],
          url,
        );
      }
      const volumes = JSON.stringify(spec.volumes);
      for (const kind of ["ConfigMap", "Secret"] as const) assert.ok(volumes.includes(only(manifests, kind).metadata.name));
    }
  });
});

function checks(read: () => readonly Manifest[]): void {
  test("every manifest is what the schemas of Kubernetes ask for", async () => {
    const manifests = read();
    assert.equal(typeProblems(manifests), "");
    assert.deepEqual(
      (await Promise.all(manifests.map(schemaProblem))).filter((problem) => problem !== undefined),
      [],
    );
  });

  test("what belongs together finds each other", () => {
    const manifests = read();
    const { metadata, spec } = only(manifests, "Deployment");
    const { labels } = spec.template.metadata;
    const [container] = spec.template.spec.containers;
    const service = only(manifests, "Service").spec;
    for (const selector of [
      spec.selector.matchLabels,
      service.selector,
      only(manifests, "PodDisruptionBudget").spec.selector.matchLabels,
      policy(manifests, "gateway").spec.podSelector.matchLabels,
    ]) {
      includes(labels, selector ?? {});
    }
    const [{ name, containerPort }] = container.ports as [Container["ports"][number]];
    assert.equal(service.ports[0].targetPort, name);
    assert.deepEqual(
      policy(manifests, "gateway").spec.ingress?.map(({ ports }) => ports[0]?.port),
      [containerPort],
    );
    assert.equal(only(manifests, "ServiceAccount").metadata.name, spec.template.spec.serviceAccountName);
    const scaled = only(manifests, "HorizontalPodAutoscaler").spec;
    assert.deepEqual([scaled.scaleTargetRef.kind, scaled.scaleTargetRef.name], ["Deployment", metadata.name]);
    assert.ok(only(manifests, "PodDisruptionBudget").spec.maxUnavailable < scaled.minReplicas);
    const { metric } = scaled.metrics[0].pods;
    assert.ok(readFromRoot("docs/metrics.md").includes(`\`${metric.name}\``));
    const { rules } = readYaml("kubernetes/prometheus-adapter.yaml") as {
      rules: { custom: { seriesQuery: string; name: { as: string } }[] };
    };
    assert.equal(rules.custom[0]?.name.as, metric.name);
    assert.ok(rules.custom[0]?.seriesQuery.startsWith(`${metric.name}{`));
  });

  test("the pod may do no more than the restricted profile allows, and gets no variable that it did not ask for", () => {
    const manifests = read();
    const { spec } = only(manifests, "Deployment").spec.template;
    const [container] = spec.containers;
    assert.deepEqual(
      container.env.filter(({ name }) => name !== "NODE_EXTRA_CA_CERTS" && !settingNames.has(name)),
      [],
    );
    assert.deepEqual([spec.enableServiceLinks, spec.automountServiceAccountToken], [false, false]);
    assert.equal(only(manifests, "ServiceAccount").automountServiceAccountToken, false);
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.match(container.image, /:\d+\.\d+\.\d+$/);
  });

  test("Redis and the services are reached by the gateway, and by whom they need besides, on one port each", () => {
    const manifests = read();
    const callers = (name: string) => {
      const { policyTypes, ingress = [] } = policy(manifests, name).spec;
      assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
      return ingress.flatMap(({ from, ports }) =>
        from.map(({ podSelector }) => `${podSelector?.matchLabels["app.kubernetes.io/name"]} ${ports.map(({ port }) => port).join()}`),
      );
    };
    assert.deepEqual(callers("redis"), ["gateway 6379"]);
    assert.deepEqual(callers("twin"), ["gateway 8001"]);
    assert.deepEqual(callers("agent-controller"), ["gateway 8002"]);
    assert.deepEqual(callers("knowledge-system"), ["gateway 8003", "agent-controller 8003"]);
    assert.equal(policy(manifests, "redis").spec.egress, undefined);
    // A namespace alone would let in every pod that somebody puts there.
    for (const { from } of policy(manifests, "gateway").spec.ingress ?? []) {
      for (const peer of from) assert.ok(peer.namespaceSelector !== undefined && peer.podSelector !== undefined);
    }
  });

  test("a gateway serves the probes and the scrape", async () => {
    const { spec, metadata } = only(read(), "Deployment").spec.template as {
      spec: PodSpec;
      metadata: { annotations?: Record<string, string> };
    };
    const [{ startupProbe, livenessProbe, readinessProbe }] = spec.containers;
    const scraped = metadata.annotations?.["prometheus.io/path"] ?? assert.fail("no scrape");
    const config = loadConfig({ env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0" } });
    const gateway = await startGateway(config, { logger: silent, drainMs: 1 });
    const asked = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
    for (const path of [...asked, scraped]) assert.equal((await fetch(gateway.url + path)).status, 200, path);
    await gateway.close();
  });
}
