/** The author of a message: the user, the model, or the application and its tools. */
type Speaker = "user" | "model" | "application";

const roles: ReadonlyMap<unknown, Speaker> = new Map([
  ["assistant", "model"],
  ["model", "model"],
  ["system", "application"],
  ["developer", "application"],
  ["tool", "application"],
  ["function", "application"],
]);

/** Items without a role, as OpenAI's Responses API has them: `function_call`, `function_call_output`. */
const byModel = /_(?:call|request|use)$|^(?:reasoning|compaction)$/;
const byApplication = /_(?:output|result|response|tools|reference)$/;

/**
 * The indexes of the messages that are new: those of the user since the last reply of the model. If the list ends with a reply, as one that the
 * model is to continue does, they are those before it.
 *
 * Messages are those of OpenAI's chat completions and responses, Anthropic's messages and what is like them. What nobody else is known to
 * have said counts as said by the user.
 */
export function newMessages(messages: readonly unknown[]): ReadonlySet<number> {
  const speakers = messages.map(speakerOf);
  const found = new Set<number>();
  for (let at = speakers.lastIndexOf("user"); at >= 0 && speakers[at] !== "model"; at -= 1) {
    if (speakers[at] === "user") found.add(at);
  }
  return found;
}

function speakerOf(message: unknown): Speaker {
  if (typeof message !== "object" || message === null) return "user";
  const { role, type } = message as { role?: unknown; type?: unknown };
  if (role !== undefined) return roles.get(role) ?? "user";
  if (typeof type !== "string") return "user";
  return byModel.test(type) ? "model" : byApplication.test(type) ? "application" : "user";
}

/** Whether a part of a message is what a tool returned, as Anthropic's `tool_result` within a message of the user is. */
export function isToolPart(part: unknown): boolean {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return false;
  const { type } = part as { type?: unknown };
  return typeof type === "string" && (byApplication.test(type) || byModel.test(type));
}
