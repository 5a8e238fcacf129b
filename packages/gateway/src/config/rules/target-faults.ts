import { downstreamProxy } from "@aivillage/downstream-proxy";
import { optionReason } from "@aivillage/middleware";

import { ConfigError } from "../loader/config-error.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { type TargetConfig, targetOf } from "../settings/target-config.ts";
import { connectionOptions, targetOptions } from "./target-options.ts";

/** What is wrong with how the gateway is to talk to the services: what the files of TLS hold, and weights for other replicas. */
export function targetFaults({ services, targets, routes }: GatewayConfig): string[] {
  const all: [place: string, urls: readonly string[], target: TargetConfig | undefined][] = [
    ["`targets` twin", services.twin, targetOf(targets, "twin")],
    ["`targets` agent_controller", services.agentController, targetOf(targets, "agent_controller")],
    ["`targets` knowledge_system", services.knowledgeSystem, targetOf(targets, "knowledge_system")],
    ...routes.map(({ path, upstream = [], target }, index): (typeof all)[number] => [
      `\`routes\`[${index}] ${path} \`target\``,
      upstream,
      target,
    ]),
  ];
  const names = targets.map(({ service }) => service);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const faults = twice.map((name) => `\`targets\` has ${name} twice: keep one`);
  const others = all.flatMap(([place, urls, target]) =>
    target === undefined || urls.length === 0 ? [] : faultsOf(urls, target).map((fault) => `${place}: ${fault}`),
  );
  return [...faults, ...others];
}

function faultsOf(urls: readonly string[], target: TargetConfig): readonly string[] {
  const { weights, tls } = target;
  if (weights !== undefined && weights.length !== urls.length) {
    return [`\`weights\` has ${weights.length} entries for ${urls.length} replicas: give one for each`];
  }
  if (tls !== undefined && urls.some((url) => !url.startsWith("https:")))
    return ["`tls` is for https: URLs: correct the URLs, or remove it"];
  try {
    void downstreamProxy({ ...connectionOptions(target), targets: [targetOptions({ name: "target", urls }, target)] }).close();
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [optionReason(error)];
  }
}
