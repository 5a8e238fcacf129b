import { HttpProblem } from "@aivillage/middleware";
import express, { type Express } from "express";

import { KnowledgeBase, type Source } from "./knowledge/knowledge-base.ts";
import { toPassages } from "./knowledge/passages.ts";
import { readDocument } from "./knowledge/uploaded-document.ts";
import { badRequest, maxTextLength, readBody, readSessionId, readText, service } from "./service.ts";

const maxFormBytes = 11 * 1_048_576;
const maxPassages = 50_000;
const maxSources = 5;

/**
 * The knowledge system: responds to questions from what it has read.
 *
 * It knows the facts of all countries, and every text file that is posted to `/v1/upload`.
 */
export function knowledgeSystem(): Express {
  const knowledge = new KnowledgeBase();

  return service((app) => {
    app.post("/v1/query", express.json({ limit: "256kb" }), (req, res) => {
      const { query, session_id, options } = readBody(req);
      const sessionId = readSessionId(session_id);
      const maxWords = readMaxTokens(options);
      const found = knowledge.search(readText(query, "query", maxTextLength));
      const answer = answerFrom(found).split(" ").slice(0, maxWords).join(" ");
      res.json({ answer, sources: found.slice(0, maxSources), ...(sessionId !== undefined && { session_id: sessionId }) });
    });

    app.post("/v1/upload", express.raw({ type: "multipart/form-data", limit: maxFormBytes }), async (req, res) => {
      const { name, text, bytes } = await readDocument(req.body, req.headers["content-type"]);
      const passages = toPassages(text);
      if (passages.length > maxPassages) {
        throw new HttpProblem({ status: 413, detail: `The document has ${passages.length} passages; ${maxPassages} are allowed.` });
      }
      await knowledge.add(name, passages, bytes);
      res.status(201).json({ document: name, passages: passages.length, bytes });
    });
  });
}

/** The text of the best passage; of several when they speak about the question equally well. */
function answerFrom(found: readonly Source[]): string {
  const best = found[0];
  if (best === undefined) return "I know nothing about that: no passage that I have read speaks about it.";
  const equals = found.filter(({ score }) => score >= 0.98 * best.score);
  const texts = equals.slice(0, 3).map(({ text }) => text);
  return equals.length <= 3 ? texts.join(" ") : `${equals.length} passages speak about that, for instance: ${texts.join(" ")}`;
}

/** `options.max_tokens` bounds the words of the response; other options mean nothing to a search. */
function readMaxTokens(options: unknown): number {
  if (options === undefined) return Infinity;
  if (typeof options !== "object" || options === null) throw badRequest("`options` must be an object.");
  const { max_tokens: maxTokens = Infinity } = options as { max_tokens?: unknown };
  if (maxTokens === Infinity || (Number.isInteger(maxTokens) && Number(maxTokens) > 0)) return Number(maxTokens);
  throw badRequest("`options.max_tokens` must be a positive integer.");
}
