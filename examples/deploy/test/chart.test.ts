import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, test } from "node:test";

import { readFromRoot } from "@aivillage/testing";
import { parse } from "yaml";

import { lintChart, needsHelm, renderChart } from "./chart.ts";
import { type Manifest, schemaProblem, typeProblems } from "./kubernetes-schemas.ts";
import { only, type PodSpec, policy } from "./manifests.ts";
import { podConfig } from "./pod-config.ts";

/** Everything that the chart can make. */
const everything = {
  ingress: { enabled: true, annotations: { "example.org/note": "any" } },
  httpRoute: { enabled: true, parentRefs: [{ name: "public", namespace: "infrastructure" }] },
  monitoring: { labels: { release: "prometheus" }, serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
  extraEnv: [{ name: "LOG_LEVEL", value: "WARN" }],
};

const kindsOf = (manifests: readonly Manifest[]): string[] => manifests.map(({ kind }) => kind).toSorted();
const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest & { data?: Record<string, string>; spec?: unknown } =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name) ?? assert.fail(`no ${kind} ${name}`);

describe("the Helm chart", needsHelm, () => {
  test("has nothing that `helm lint --strict` complains about", () => {
    assert.match(lintChart(everything), /1 chart\(s\) linted, 0 chart\(s\) failed/);
  });

  test("makes manifests as the schemas of their kinds require", async () => {
    const manifests = [...renderChart(everything), ...renderChart({ autoscaling: { enabled: false }, service: { type: "LoadBalancer" } })];
    assert.equal(typeProblems(manifests), "");
    assert.deepEqual(
      (await Promise.all(manifests.map(schemaProblem))).filter((problem) => problem !== undefined),
      [],
    );
  });

  test("makes by default what production needs, and the rest on request", () => {
    const standard = ["ConfigMap", "Deployment", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "NetworkPolicy"];
    standard.push("PodDisruptionBudget", "Secret", "Service", "Service", "ServiceAccount");
    assert.deepEqual(kindsOf(renderChart({})), standard);
    const requested = [...standard, "HTTPRoute", "Ingress", "PrometheusRule", "ServiceMonitor"].toSorted();
    assert.deepEqual(kindsOf(renderChart(everything)), requested);
    const least = renderChart({
      redis: { enabled: false },
      secret: { existing: "my-keys" },
      autoscaling: { enabled: false },
      podDisruptionBudget: { enabled: false },
      networkPolicy: { enabled: false },
    });
    assert.deepEqual(kindsOf(least), ["ConfigMap", "Deployment", "Service", "ServiceAccount"]);
    assert.ok(JSON.stringify(least).includes('"secretName":"my-keys"'));
  });

  test("gives the pod a configuration that production accepts, and more time than it drains", () => {
    const manifests = renderChart({});
    const { environment, server, rateLimit, services } = podConfig(manifests);
    assert.equal(environment, "production");
    const { spec } = only(manifests, "Deployment").spec.template;
    assert.ok(spec.terminationGracePeriodSeconds >= server.drainDelaySeconds + server.drainSeconds + 5);
    const { egress = [] } = policy(manifests, "gw").spec;
    for (const url of [...Object.values(services).flat(), rateLimit.redisUrl]) {
      const { hostname, port } = new URL(url);
      const isOpen = egress.some(
        ({ to, ports }) =>
          hostname.endsWith(to[0]?.podSelector?.matchLabels["app.kubernetes.io/name"] ?? "none") && String(ports[0]?.port) === port,
      );
      assert.ok(isOpen, `the network policy lets the gateway reach ${hostname}`);
    }
  });

  test("makes a Redis with a password, whose certificate holds for its name and is signed by the authority that the gateway trusts", () => {
    const { data = {} } = named(renderChart({}), "Secret", "gw-keys");
    const decoded = (name: string): string => Buffer.from(data[name] ?? "", "base64").toString();
    const { hostname, protocol, password } = new URL(decoded("redis_url"));
    assert.deepEqual([protocol, hostname, password.length], ["rediss:", "gw-redis", 48]);
    assert.equal(decoded("redis_conf"), `requirepass ${password}\n`);
    const [certificate, authority] = [new X509Certificate(decoded("redis_cert")), new X509Certificate(decoded("redis_ca"))];
    assert.equal(certificate.checkHost("gw-redis"), "gw-redis");
    assert.ok(certificate.verify(authority.publicKey));
    const [container] = only(renderChart({}), "Deployment").spec.template.spec.containers;
    assert.ok(container.env.some(({ name, value }) => name === "NODE_EXTRA_CA_CERTS" && value.endsWith("/redis_ca")));
  });

  test("has the alerts of the observability example, for the job that its monitor names", () => {
    const { spec } = named(renderChart(everything), "PrometheusRule", "gw");
    assert.deepEqual(spec, parse(readFromRoot("examples/observability/alerts.yml")));
    assert.match(
      JSON.stringify(named(renderChart(everything), "ServiceMonitor", "gw")),
      /"targetLabel":"job","replacement":"aivillage-gateway"/,
    );
  });

  test("runs as the users of the images, and as those that the cluster chooses where the values say so", () => {
    const contexts = (values: object) =>
      renderChart(values)
        .filter(({ kind }) => kind === "Deployment")
        .map((each) => (each as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec.securityContext);
    const common = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
    assert.deepEqual(contexts({}), [
      { ...common, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532 },
      { ...common, runAsUser: 999, runAsGroup: 1_000, fsGroup: 1_000 },
    ]);
    const podSecurityContext = { runAsUser: null, runAsGroup: null, fsGroup: null };
    assert.deepEqual(contexts({ podSecurityContext, redis: { podSecurityContext } }), [common, common]);
  });

  test("refuses times to drain that the time of a pod to end would not follow", () => {
    assert.throws(() => renderChart({ config: { server: { drainSeconds: "2m" } } }), /drainSeconds/);
    assert.throws(
      () => renderChart({ extraEnv: [{ name: "DRAIN_TIMEOUT", value: "120" }] }),
      /set config\.server\.drainDelaySeconds and config/,
    );
    const { spec } = only(renderChart({ config: { server: { drainSeconds: 120 } } }), "Deployment").spec.template;
    assert.ok(spec.terminationGracePeriodSeconds >= 10 + 120 + 5);
  });

  test("refuses a value that it does not know, and a route without a Gateway", () => {
    assert.throws(() => renderChart({ redis: { enable: false } }), /additional properties 'enable' not allowed/);
    assert.throws(() => renderChart({ httpRoute: { enabled: true } }), /httpRoute\.parentRefs must name a Gateway/);
  });
});
