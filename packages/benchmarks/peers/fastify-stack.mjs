// The same on fastify, with the plugins of its organisation.
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import httpProxy from "@fastify/http-proxy";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import { Ajv } from "ajv";
import fastify from "fastify";
import metrics from "fastify-metrics";

import { forwardUpload } from "./forward-upload.mjs";
import { chatSchema, information, isAuthorized, maxFileBytes, origin, port, requestLimit, upstream, withAccessLog } from "./setting.mjs";

const app = fastify({ logger: withAccessLog });
// Without the summary, which costs more than everything else in the plugin.
await app.register(metrics, { endpoint: "/metrics", routeMetrics: { enabled: { histogram: true, summary: false } } });
await app.register(helmet);
await app.register(cors, { origin: [origin] });
await app.register(rateLimit, { max: requestLimit.max, timeWindow: requestLimit.windowMs });
await app.register(multipart, { limits: { files: 1, fileSize: maxFileBytes } });

app.addHook("onRequest", (request, reply, done) => {
  if (isAuthorized(request.headers.authorization)) done();
  else reply.code(401).send({ error: "unauthorized" });
});

app.get("/", (_request, reply) => reply.send(information));

const isChat = new Ajv().compile(chatSchema);
await app.register(httpProxy, {
  upstream,
  prefix: "/v1/chat",
  rewritePrefix: "/v1/chat",
  httpMethods: ["POST"],
  proxyPayloads: false,
  // Its own pool stops at 128 connections, fewer than there are streams.
  undici: { connections: 1_024, pipelining: 1 },
  preHandler: (request, reply, done) => {
    if (isChat(request.body)) done();
    else reply.code(400).send({ errors: isChat.errors });
  },
});

app.post("/v1/upload", async (request, reply) => {
  const part = await request.file();
  const { status, body } = await forwardUpload({ field: part.fieldname, filename: part.filename, content: part.file });
  return reply.code(status).type("application/json").send(body);
});

await app.listen({ port, host: "127.0.0.1" });
