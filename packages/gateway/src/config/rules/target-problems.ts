import { downstreamProxy } from "@aivillage/downstream-proxy";

import { affinityOptions, connectionOptions, targetOptions } from "../options/target-options.ts";
import { builtInServices, urlsOf } from "../settings/built-in-services.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { type TargetConfig, targetOf } from "../settings/target-config.ts";
import { reasonsAgainst } from "./reasons-against.ts";

type Entry = [place: string, urls: readonly string[], target: TargetConfig | undefined];

/** What is wrong with how the gateway is to talk to the services: what the files of TLS hold, and weights for other replicas. */
export function targetProblems({ services, targets, routes, auth }: GatewayConfig): string[] {
  const all: Entry[] = [
    ...builtInServices.map((name): Entry => [`\`targets\` ${name}`, urlsOf(services, name), targetOf(targets, name)]),
    ...routes.map(({ path, upstream = [], target }, index): Entry => [`\`routes\`[${index}] ${path} \`target\``, upstream, target]),
  ];
  const names = targets.map(({ service }) => service);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const problems = twice.map((name) => `\`targets\` has ${name} twice: keep one`);
  const others = all.flatMap(([place, urls, target]) =>
    target === undefined || urls.length === 0 ? [] : problemsOf(urls, target, auth).map((problem) => `${place}: ${problem}`),
  );
  return [...problems, ...others, ...cookieProblems(all)];
}

/** A client has one cookie of a name: it would name now a replica of the one service, now one of the other. */
function cookieProblems(all: readonly Entry[]): string[] {
  const owners = new Map<string, { readonly place: string; readonly urls: string }>();
  return all.flatMap(([place, urls, target]) => {
    const { affinity } = target ?? {};
    if (typeof affinity !== "object" || !("cookie" in affinity) || typeof affinity.cookie === "string") return [];
    const { name } = affinity.cookie;
    const owner = owners.get(name) ?? { place, urls: urls.toSorted().join() };
    owners.set(name, owner);
    return owner.urls === urls.toSorted().join()
      ? []
      : [`${place}: inserts the cookie ${name} as ${owner.place} does, for other replicas: give it another \`name\``];
  });
}

function problemsOf(urls: readonly string[], target: TargetConfig, auth: GatewayConfig["auth"]): readonly string[] {
  const { weights, tls } = target;
  if (weights !== undefined && weights.length !== urls.length) {
    return [`\`weights\` has ${weights.length} entries for ${urls.length} replicas: give one for each`];
  }
  if (tls !== undefined && urls.some((url) => !url.startsWith("https:")))
    return ["`tls` is for https: URLs: correct the URLs, or remove it"];
  return reasonsAgainst(() => {
    const options = { ...connectionOptions(target), ...affinityOptions(target.affinity, auth, () => undefined) };
    void downstreamProxy({ ...options, targets: [targetOptions({ name: "target", urls }, target)] }).close();
  });
}
