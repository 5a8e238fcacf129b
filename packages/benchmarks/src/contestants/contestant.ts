import type { CaseId } from "../cases.ts";

export type ContestantId =
  | "ours"
  | "ours-unmetered"
  | "express-stack"
  | "fastify-stack"
  | "pass-through"
  | "express-bare"
  | "nginx"
  | "haproxy"
  | "nginx-guard"
  | "haproxy-guard"
  | "modsecurity";

/** Where a contestant is started. */
export interface Surroundings {
  readonly port: number;
  /** Port of the upstream. */
  readonly upstream: number;
  /** An empty folder of its own. */
  readonly folder: string;
  /** Event streams or large uploads are coming. */
  readonly streaming: boolean;
  /** Calls of language models are coming. */
  readonly calls: boolean;
  readonly accessLog: boolean;
  /** URLs of the three upstream services. */
  readonly services: readonly [twin: string, agentController: string, knowledgeSystem: string];
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One that is measured. */
export interface Contestant {
  readonly id: ContestantId;
  readonly label: string;
  /** `stack` does the same work as ours, `guard` part of it in another kind of program, `floor` far less in Node, `proxy` nothing but proxying. */
  readonly kind: "ours" | "stack" | "guard" | "floor" | "proxy";
  /** It refuses attacks in bodies. */
  readonly inspects?: boolean;
  readonly cases: readonly CaseId[];
  /** Programs, by name, and files, by path, that must be installed. Default: nothing but Node. */
  readonly needs?: readonly string[];
  readonly launch: (surroundings: Surroundings) => Launch;
}
