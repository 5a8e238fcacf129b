import { createServer } from "node:http";
import http2 from "node:http2";
import { createRequire } from "node:module";

import { compose, HttpProblem, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";

const require = createRequire(import.meta.url);
const nothing = () => undefined;

/** Listens on a free port. */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.closeAllConnections?.(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

const serve = (listener) => listen(createServer(listener));

const express = (name) => (handlers, problems) => {
  const app = require(name)();
  for (const handler of handlers) app.use(handler);
  if (problems) app.use(problemDetails());
  return serve(app);
};

/** Handlers of others that stand before ours, on Express 5. */
const behind =
  (...others) =>
  (handlers, problems) =>
    express("express")([...others.map((make) => make()), ...handlers], problems);

const sharedConnection = "requests share a connection, so no bytes belong to one; the fields are left out";
const noSocket = "there is no connection whose bytes could be counted";
const withoutProxy = (reason) => ({
  "a proxied response arrives": reason,
  "a proxied request body arrives": reason,
  "an event stream arrives event by event": reason,
  "502 for an upstream that is down": reason,
});
const noStream = { "an event stream arrives event by event": "the host collects the response" };

/**
 * The hosts: how each mounts handlers, the line that makes errors problem documents, and what does not work, which is checked to fail.
 * `except` holds for both ways of handling errors, `exceptStock` for the host's own one.
 */
export const hosts = {
  "Express 5": { packages: ["express"], line: "app.use(problemDetails())", start: express("express") },
  "Express 4": { packages: ["express-4"], line: "app.use(problemDetails())", start: express("express-4") },
  Connect: { packages: ["connect"], line: "app.use(problemDetails())", start: express("connect") },
  "node:http": {
    packages: [],
    line: "createServer(toListener(handler, problemDetails()))",
    start: (handlers, problems) => serve(toListener(compose(...handlers), problems ? problemDetails() : undefined)),
  },
  "node:http2 (compatibility API)": {
    packages: [],
    line: "http2.createServer(toListener(handler, problemDetails()))",
    except: { "the access log counts bytes": sharedConnection },
    async start(handlers, problems) {
      const running = await listen(http2.createServer(toListener(compose(...handlers), problems ? problemDetails() : undefined)));
      const session = http2.connect(running.url);
      return {
        ...running,
        send: sendOverHttp2(session),
        chunks: chunksOverHttp2(session),
        close: () => (session.destroy(), running.close()),
      };
    },
  },
  "NestJS 11": {
    packages: ["@nestjs/core"],
    line: "app.useGlobalFilters({ catch: (error, host) => sendProblem(error, host.switchToHttp().getRequest(), host.switchToHttp().getResponse(), () => {}) })",
    before: "const sendProblem = problemDetails()",
    async start(handlers, problems) {
      require("reflect-metadata");
      const { HttpException, Module } = require("@nestjs/common");
      const { NestFactory } = require("@nestjs/core");
      class App {
        configure(consumer) {
          consumer.apply(...handlers).forRoutes("{*splat}");
        }
      }
      Module({})(App);
      const app = await NestFactory.create(App, { logger: false, bodyParser: false });
      const sendProblem = problemDetails();
      const toProblem = (error) => {
        if (!(error instanceof HttpException) || error.getStatus() >= 500) return error;
        const { message } = Object(error.getResponse());
        return new HttpProblem({ status: error.getStatus(), detail: [message ?? error.message].flat().join("; "), cause: error });
      };
      const filter = {
        catch: (error, host) => sendProblem(toProblem(error), host.switchToHttp().getRequest(), host.switchToHttp().getResponse(), nothing),
      };
      if (problems) app.useGlobalFilters(filter);
      await app.listen(0, "127.0.0.1");
      return { url: await app.getUrl(), close: () => app.close() };
    },
  },
  "Fastify 5 with @fastify/middie": {
    packages: ["fastify", "@fastify/middie"],
    before: "const sendProblem = problemDetails()",
    line: "app.setErrorHandler((error, request, reply) => sendProblem(error, request.raw, reply.hijack().raw, () => {}))",
    start: (handlers, problems) => fastify("@fastify/middie", handlers, problems),
  },
  "Fastify 5 with @fastify/express": {
    packages: ["fastify", "@fastify/express"],
    before: "const sendProblem = problemDetails()",
    line: "app.setErrorHandler((error, request, reply) => sendProblem(error, request.raw, reply.hijack().raw, () => {}))",
    start: (handlers, problems) => fastify("@fastify/express", handlers, problems),
  },
  "Koa 3 with koa-connect": {
    packages: ["koa", "koa-connect"],
    before: "const sendProblem = problemDetails()",
    line: "app.use((ctx, next) => next().catch((error) => ((ctx.respond = false), sendProblem(error, ctx.req, ctx.res, () => {}))))",
    exceptStock: { "security headers on an error": "Koa removes every header from an error, but for those of the error itself" },
    async start(handlers, problems) {
      const Koa = require("koa").default ?? require("koa");
      const wrap = require("koa-connect");
      const app = new Koa();
      app.silent = true;
      const sendProblem = problemDetails();
      if (problems) app.use((ctx, next) => next().catch((error) => ((ctx.respond = false), sendProblem(error, ctx.req, ctx.res, nothing))));
      for (const handler of handlers) app.use(wrap(handler));
      return serve(app.callback());
    },
  },
  "Polka 0.5": {
    packages: ["polka"],
    line: "polka({ onError: problemDetails() })",
    async start(handlers, problems) {
      const app = require("polka")(problems ? { onError: problemDetails() } : {});
      for (const handler of handlers) app.use(handler);
      return serve(app.handler);
    },
  },
  "restify 11": {
    packages: ["restify"],
    runtimes: ["node 22"],
    line: 'server.on("restifyError", (req, res, error, done) => sendProblem(error, req, res, done))',
    before: "const sendProblem = problemDetails()",
    async start(handlers, problems) {
      const server = require("restify").createServer();
      for (const handler of handlers) server.pre((req, res, next) => handler(req, res, next));
      const sendProblem = problemDetails();
      if (problems) server.on("restifyError", (req, res, error, done) => sendProblem(error, req, res, done));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.server.closeAllConnections(), server.close()) };
    },
  },
  "Vite 7 (development server)": {
    packages: ["vite"],
    line: "server.middlewares.use(problemDetails())",
    async start(handlers, problems) {
      const { createServer: createVite } = await import("vite");
      const plugin = {
        name: "ours",
        configureServer: ({ middlewares }) => {
          for (const handler of handlers) middlewares.use(handler);
          if (problems) return () => middlewares.use(problemDetails());
        },
      };
      const server = await createVite({
        configFile: false,
        root: import.meta.dirname,
        logLevel: "silent",
        plugins: [plugin],
        server: { port: 0, host: "127.0.0.1", watch: null },
      });
      await server.listen();
      return { url: `http://127.0.0.1:${server.httpServer.address().port}`, close: () => server.close() };
    },
  },
  "Apollo Server 5 beside ours on Express 5": {
    packages: ["@apollo/server"],
    line: "app.use(problemDetails())",
    async start(handlers, problems) {
      const { ApolloServer } = require("@apollo/server");
      const { expressMiddleware } = require("@as-integrations/express5");
      const apollo = new ApolloServer({ typeDefs: "type Query { hello: String }", resolvers: { Query: { hello: () => "world" } } });
      await apollo.start();
      const graphql = expressMiddleware(apollo);
      const at = (req, res, next) =>
        req.path === "/graphql" ? require("express").json()(req, res, (error) => (error ? next(error) : graphql(req, res, next))) : next();
      const running = await express("express")([...handlers, at], problems);
      return { ...running, graphql: true, close: () => (running.close(), apollo.stop()) };
    },
  },
  "GraphQL Yoga 5 beside ours on Express 5": {
    packages: ["graphql-yoga"],
    line: "app.use(problemDetails())",
    async start(handlers, problems) {
      const { createSchema, createYoga } = require("graphql-yoga");
      const yoga = createYoga({
        schema: createSchema({ typeDefs: "type Query { hello: String }", resolvers: { Query: { hello: () => "world" } } }),
        logging: false,
      });
      const at = (req, res, next) => (req.path === "/graphql" ? yoga(req, res) : next());
      return { ...(await express("express")([...handlers, at], problems)), graphql: true };
    },
  },
  "Next 15 (custom server)": {
    packages: ["next"],
    line: "app.use(problemDetails())",
    async start(handlers, problems) {
      const next = require("next");
      const { mkdtempSync, mkdirSync, writeFileSync, symlinkSync } = require("node:fs");
      const dir = mkdtempSync(`${require("node:os").tmpdir()}/aivillage-next-`);
      mkdirSync(`${dir}/pages`);
      writeFileSync(`${dir}/pages/index.js`, "export default () => null;");
      writeFileSync(`${dir}/package.json`, "{}");
      symlinkSync(`${import.meta.dirname}/node_modules`, `${dir}/node_modules`);
      process.env.NEXT_TELEMETRY_DISABLED = "1";
      const app = next({ dev: true, dir, quiet: true });
      await app.prepare();
      const pages = app.getRequestHandler();
      const running = await express("express-4")([...handlers, (req, res) => void pages(req, res)], problems);
      return { ...running, close: () => (running.close(), app.close()) };
    },
  },
  "light-my-request": {
    packages: ["light-my-request"],
    line: "inject(toListener(handler, problemDetails()), request)",
    except: { ...noStream, "the access log counts bytes": noSocket },
    async start(handlers, problems) {
      const inject = require("light-my-request");
      const listener = toListener(compose(...handlers), problems ? problemDetails() : undefined);
      const send = async (path, { method = "GET", headers = {}, body } = {}) => {
        const response = await inject(listener, { url: path, method, headers, payload: body, remoteAddress: "127.0.0.1" });
        return { status: response.statusCode, headers: toHeaders(response.headers), text: response.payload };
      };
      return { send, close: nothing };
    },
  },
  "serverless-http (AWS Lambda)": {
    packages: ["serverless-http"],
    line: "serverless(app), with app.use(problemDetails())",
    except: { ...withoutProxy("its requests have no HTTP version"), ...noStream, "the access log counts bytes": noSocket },
    async start(handlers, problems) {
      const { default: serverless } = await import("serverless-http");
      const app = require("express")();
      for (const handler of handlers) app.use(handler);
      if (problems) app.use(problemDetails());
      const invoke = serverless(app);
      const send = async (path, { method = "GET", headers = {}, body } = {}) => {
        const event = {
          version: "2.0",
          rawPath: path,
          rawQueryString: "",
          headers: { host: "lambda.test", ...headers },
          requestContext: { http: { method, path, sourceIp: "127.0.0.1" } },
          body: body === undefined ? undefined : Buffer.from(body).toString("base64"),
          isBase64Encoded: body !== undefined,
        };
        const response = await invoke(event, {});
        const text = response.isBase64Encoded ? Buffer.from(response.body, "base64").toString() : response.body;
        return { status: response.statusCode, headers: toHeaders(response.headers), text };
      };
      return { send, close: nothing };
    },
  },
  "Express 5 after express.json(), urlencoded() and text()": {
    packages: ["express"],
    line: "app.use(problemDetails())",
    start: behind(
      () => require("express").json(),
      () => require("express").urlencoded({ extended: false }),
      () => require("express").text(),
    ),
  },
  "Express 5 after compression, express-session and multer on another route": {
    packages: ["compression", "express-session", "multer"],
    line: "app.use(problemDetails())",
    start: behind(
      () => require("compression")({ threshold: 0 }),
      () => require("express-session")({ secret: "dev-session-secret", resave: false, saveUninitialized: true }),
      () => {
        const upload = require("multer")().any();
        return (req, res, next) => (req.path === "/avatars" ? upload(req, res, next) : next());
      },
    ),
  },
};

async function fastify(plugin, handlers, problems) {
  const app = require("fastify")();
  await app.register(require(plugin));
  for (const handler of handlers) app.use(handler);
  const sendProblem = problemDetails();
  if (problems) app.setErrorHandler((error, request, reply) => sendProblem(error, request.raw, reply.hijack().raw, nothing));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { url: `http://127.0.0.1:${app.server.address().port}`, close: () => (app.server.closeAllConnections(), app.close()) };
}

const toHeaders = (headers) =>
  new Headers(Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)])));

const chunksOverHttp2 = (session) => (path) => session.request({ ":path": path }).setEncoding("utf8");

const sendOverHttp2 =
  (session) =>
  (path, { method = "GET", headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": path, ":method": method, ...headers });
      let head = {};
      const chunks = [];
      stream.on("response", (received) => (head = received));
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("end", () => {
        const { ":status": status, ...rest } = head;
        resolve({ status, headers: toHeaders(rest), text: Buffer.concat(chunks).toString() });
      });
      stream.end(body);
    });
