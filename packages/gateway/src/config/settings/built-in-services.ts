/** Names of the built-in services in health, metrics and log. */
export const builtInServices = ["twin", "agent_controller", "knowledge_system"] as const;

export type ServiceName = (typeof builtInServices)[number];

/** Origins of the upstream services; several are replicas of one service. */
export interface ServiceUrls {
  twin: string[];
  agentController: string[];
  knowledgeSystem: string[];
}

/** The URLs of a built-in service. */
export function urlsOf({ twin, agentController, knowledgeSystem }: ServiceUrls, name: ServiceName): readonly string[] {
  return { twin, agent_controller: agentController, knowledge_system: knowledgeSystem }[name];
}
