import { randomUUID } from "node:crypto";

import express, { type Express } from "express";

import { badRequest, maxTextLength, readBody, readSessionId, readText, service } from "./service.ts";
import { replyTo } from "./twin/companion.ts";
import { remember, type Session, Sessions } from "./twin/sessions.ts";
import { streamReply } from "./twin/stream-reply.ts";

/** Options of `twin()`. */
export interface TwinOptions {
  /** Pause after each word of a streamed reply. Default 30 ms. */
  wordDelayMs?: number;
}

/** The twin: a companion for conversation that remembers what was said, and replies all at once or word by word. */
export function twin({ wordDelayMs = 30 }: TwinOptions = {}): Express {
  const sessions = new Sessions();

  return service((app) => {
    app.post("/v1/chat", express.json({ limit: "8mb" }), async (req, res) => {
      const body = readBody(req);
      const messages = readMessages(body);
      const session = sessions.open(readSessionId(body["session_id"]) ?? randomUUID());
      const message = catchUp(session, messages);

      const reply = replyTo(session, message);
      const rest = { session_id: session.id, turns: session.count + 1 };
      if (body["stream"] === true || req.accepts(["json", "text/event-stream"]) === "text/event-stream") {
        const turn = { message, reply: "" };
        remember(session, turn);
        turn.reply = await streamReply(res, reply, rest, wordDelayMs);
      } else {
        remember(session, { message, reply });
        res.json({ reply, ...rest });
      }
    });
  });
}

/** What the person said, newest last: `message`, or those of `messages` (at most 200) that have no other role than `user`. */
function readMessages({ message, messages }: Readonly<Record<string, unknown>>): string[] {
  if (messages === undefined) return [readText(message, "message", maxTextLength)];
  if (!Array.isArray(messages) || messages.length > 200) throw badRequest("`messages` must be a list of at most 200 messages.");
  const said = messages.flatMap((entry: unknown, index) => {
    const { role = "user", content } = Object(entry) as { role?: unknown; content?: unknown };
    return role === "user" ? [readText(content, `messages[${index}].content`, maxTextLength)] : [];
  });
  if (said.length === 0) throw badRequest("`messages` must hold a message of the role `user`.");
  return said;
}

/** Lives through the earlier messages of a conversation that is new here, and returns the last one. */
function catchUp(session: Session, messages: readonly string[]): string {
  if (session.count === 0) {
    for (const message of messages.slice(0, -1)) remember(session, { message, reply: replyTo(session, message) });
  }
  return messages.at(-1) ?? "";
}
