import type { IncomingMessage } from "node:http";

import { getAdmission } from "@aivillage/admission";
import { type AiCall, dialects, getAiCall, getAiUsage, getErrorForm } from "@aivillage/ai-call";

/** The output of a call that sets no limit, so that it costs no less than one that sets a usual limit. */
const assumedOutputTokens = 4_096;

/** How much of its key's turn a request uses: the tokens that a call may have, 1 for any other request. */
export function turnCost(req: IncomingMessage): number {
  const call = getAiCall(req);
  if (call === undefined) return 1;
  const { estimatedInputTokens, maxOutputTokens = assumedOutputTokens, choices } = call;
  return Math.max(1, estimatedInputTokens + (generatesText(call) ? maxOutputTokens * choices : 0));
}

/** What shows an adaptive limit how fast its backend is: the first token of a call, the first byte of any other response. */
export function speedSignal(req: IncomingMessage, firstByteMs: number): number | undefined {
  // Other requests of an AI route, such as for the list of models, say nothing of the model.
  if (getErrorForm(req) === undefined) return firstByteMs;
  const call = getAiCall(req);
  if (call === undefined) return undefined;
  if (!generatesText(call)) return firstByteMs;
  const firstTokenMs = getAiUsage(req)?.firstTokenMs;
  return firstTokenMs === undefined ? undefined : firstTokenMs - (getAdmission(req)?.waitedMs ?? 0);
}

/** Embeddings have no output that could be long. */
function generatesText({ dialect }: AiCall): boolean {
  return dialects.get(dialect)?.request.maxOutputTokens.length !== 0;
}
