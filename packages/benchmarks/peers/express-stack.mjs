// The stack that people assemble by hand on Express 5, each part set up as its own documentation shows.
import { Agent } from "node:http";

import { Ajv } from "ajv";
import busboy from "busboy";
import cors from "cors";
import express from "express";
import promBundle from "express-prom-bundle";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { createProxyMiddleware, fixRequestBody } from "http-proxy-middleware";
import { pinoHttp } from "pino-http";

import { forwardUpload } from "./forward-upload.mjs";
import { chatSchema, information, isAuthorized, maxFileBytes, origin, port, requestLimit, upstream, withAccessLog } from "./setting.mjs";

const app = express();
if (withAccessLog) app.use(pinoHttp());
// A path as it is costs less than the bundle's own normalisation; the paths of this benchmark are few.
app.use(promBundle({ includeMethod: true, includePath: true, normalizePath: (req) => req.path }));
app.use(helmet());
app.use(cors({ origin: [origin] }));
app.use(
  // Of the two drafts the older one, whose headers are written faster.
  rateLimit({ windowMs: requestLimit.windowMs, limit: requestLimit.max, standardHeaders: "draft-7", legacyHeaders: false }),
);
app.use((req, res, next) => {
  if (isAuthorized(req.headers.authorization)) next();
  else res.status(401).json({ error: "unauthorized" });
});

app.get("/", (_req, res) => void res.json(information));

const isChat = new Ajv().compile(chatSchema);
app.post(
  "/v1/chat",
  express.json({ limit: "1mb" }),
  (req, res, next) => {
    if (isChat(req.body)) next();
    else res.status(400).json({ errors: isChat.errors });
  },
  createProxyMiddleware({
    target: upstream,
    xfwd: true,
    // Its own agent stops at 256 connections, fewer than there are streams.
    agent: new Agent({ keepAlive: true }),
    on: { proxyReq: fixRequestBody },
  }),
);

app.post("/v1/upload", (req, res, next) => {
  const form = busboy({ headers: req.headers, limits: { files: 1, fileSize: maxFileBytes } });
  form.on("file", (field, content, { filename }) => {
    forwardUpload({ field, filename, content }).then(({ status, body }) => res.status(status).type("json").send(body), next);
  });
  form.on("error", next);
  req.pipe(form);
});

app.listen(port, "127.0.0.1");
