import { anthropicCaptures } from "./anthropic-captures.ts";
import type { WireCapture } from "./capture.ts";
import { chatCaptures } from "./chat-captures.ts";
import { responsesCaptures } from "./responses-captures.ts";
import { villageCaptures } from "./village-captures.ts";

/** Responses of model servers of every kind, each with the tokens that it reports. */
export const wireCaptures: readonly WireCapture[] = [...chatCaptures, ...responsesCaptures, ...anthropicCaptures, ...villageCaptures];
