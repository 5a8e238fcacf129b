import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CaseId } from "../cases.ts";
import { findProgram } from "../find-program.ts";
import { type Contestant, type Launch, type Surroundings } from "./contestant.ts";
import { haproxyConfig, haproxyGuardConfig, modSecurity, modSecurityRules, nginxConfig, nginxGuardConfig } from "./proxy-configs.ts";

const proxies: readonly CaseId[] = ["post", "sse", "upload"];
const guards: readonly CaseId[] = ["post", "post-10k"];

function write(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function nginx({ folder }: Surroundings, config: string): Launch {
  return {
    command: findProgram("nginx") ?? "nginx",
    args: ["-p", folder, "-e", "stderr", "-c", write(folder, "proxy.conf", config)],
    env: {},
  };
}

function haproxy({ folder }: Surroundings, config: string): Launch {
  return { command: findProgram("haproxy") ?? "haproxy", args: ["-db", "-f", write(folder, "proxy.conf", config)], env: {} };
}

/** Programs in C: as mere proxies, as proxies that check a key and a limit and write headers, and as a web application firewall. */
export const proxyContestants: readonly Contestant[] = [
  {
    id: "nginx",
    label: "nginx, proxying only",
    kind: "proxy",
    cases: proxies,
    needs: ["nginx"],
    launch: (surroundings) => nginx(surroundings, nginxConfig(surroundings)),
  },
  {
    id: "haproxy",
    label: "HAProxy, proxying only",
    kind: "proxy",
    cases: proxies,
    needs: ["haproxy"],
    launch: (surroundings) => haproxy(surroundings, haproxyConfig(surroundings)),
  },
  {
    id: "nginx-guard",
    label: "nginx, key, limit, headers",
    kind: "guard",
    cases: guards,
    needs: ["nginx"],
    launch: (surroundings) => nginx(surroundings, nginxGuardConfig(surroundings)),
  },
  {
    id: "haproxy-guard",
    label: "HAProxy, key, limit, headers",
    kind: "guard",
    cases: guards,
    needs: ["haproxy"],
    launch: (surroundings) => haproxy(surroundings, haproxyGuardConfig(surroundings)),
  },
  {
    id: "modsecurity",
    label: "nginx + ModSecurity 3 + CRS",
    kind: "guard",
    inspects: true,
    cases: guards,
    needs: ["nginx", modSecurity.module, modSecurity.rules],
    launch: (surroundings) => {
      const rules = write(surroundings.folder, "modsecurity.conf", modSecurityRules(surroundings.folder));
      return nginx(surroundings, nginxGuardConfig({ ...surroundings, rules }));
    },
  },
];
