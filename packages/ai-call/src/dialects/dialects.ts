import { anthropicMessages } from "./anthropic-messages.ts";
import type { AiDialect } from "./dialect.ts";
import { openaiChat, openaiEmbeddings } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { villageChat, villageQuery } from "./village.ts";

const shipped = [openaiChat, openaiResponses, openaiEmbeddings, anthropicMessages, villageChat, villageQuery] as const;

/** The shipped dialects by name. Spread one to describe an API that differs in a few members. */
export const dialects: ReadonlyMap<string, AiDialect> = new Map(shipped.map((dialect) => [dialect.name, dialect]));
