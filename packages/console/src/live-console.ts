import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { defined, fixedResponse, type Handler, HttpProblem, optionError, passError, requestPath } from "@aivillage/middleware";

import { collectActivity } from "./activity/collect-activity.ts";
import { readAssets, readPage } from "./assets.ts";
import { accessByKey, forbidden, isCrossSite, missingKey } from "./http/access.ts";
import { PenaltyAction } from "./http/clear-penalty.ts";
import { ownPath } from "./http/own-path.ts";
import { serveAsset, servePage } from "./http/serve-page.ts";
import { Hub } from "./hub/hub.ts";
import { type LiveConsoleOptions, readConsoleOptions, type ReadConsoleOptions } from "./options.ts";
import { packageName } from "./package-name.ts";

/** What `liveConsole()` returns. */
export interface LiveConsole extends Handler {
  /** The key that opens the console, as in `/console/#key=…`; `undefined` with the option `access`. */
  readonly key: string | undefined;
  /** Ends the streams of all viewers, stops the timer and unsubscribes from all events. */
  close(): void;
}

/**
 * Makes the middleware that serves a live page of the app: its traffic, upstreams, limits, budgets, and refusals.
 *
 * Make it before the app takes requests, since it shows what happens from then on, and mount it under its own path. Other requests
 * under that path go on to the next handler.
 *
 * @throws OptionError for an unknown or bad option, and for both `access` and `key`
 */
export function liveConsole(options?: LiveConsoleOptions): LiveConsole {
  const settings = readConsoleOptions(options);
  const { access: given, key, title, docsUrl, path, limiter } = settings;
  if (given !== undefined && key !== undefined) throw optionError(packageName, "key", "absent beside `access`, which decides alone", key);
  const ownKey = given === undefined ? (key ?? randomBytes(32).toString("base64url")) : undefined;
  const access = given ?? accessByKey(ownKey ?? "");
  const activity = settings.activity === undefined ? collectActivity(activityOptions(settings)) : undefined;
  const hub = new Hub(settings, activity);
  const token = randomBytes(18).toString("base64url");
  const penalty = limiter === undefined ? undefined : new PenaltyAction(limiter, token);
  const sendPage = servePage(readPage(), title);
  const assets = new Map(Array.from(readAssets(), ([name, { type, content }]) => [name, fixedResponse(type, content)]));

  async function stream(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const permitted = access(req);
    if (isCrossSite(req)) throw forbidden("Pages of other origins may not read the console.");
    if (permitted !== "read" && permitted !== "change") throw missingKey();
    if (hub.isFull) throw new HttpProblem({ status: 503, type: "service-unavailable", detail: "The console has too many viewers." });
    await hub.view(res, { token, title, docsUrl });
  }

  async function clear(req: IncomingMessage, res: ServerResponse, client: string): Promise<void> {
    await penalty?.run(req, res, { client, access: access(req) });
    await hub.refresh();
  }

  /** @returns false for a request that is not the console's */
  function serve(own: string, ...[req, res, next]: Parameters<Handler>): boolean | Promise<void> {
    const cleared = /^penalties\/([\w-]+)\/clear$/.exec(own)?.[1];
    if (req.method === "POST") return cleared !== undefined && penalty !== undefined && clear(req, res, cleared);
    if (req.method !== "GET" && req.method !== "HEAD") return false;
    if (own === "") return redirect(req, res);
    if (own === "stream") return req.method === "GET" && stream(req, res);
    const asset = assets.get(own);
    if (own !== "/" && asset === undefined) return false;
    if (asset === undefined) sendPage(res);
    else serveAsset(asset, req, res, next);
    return true;
  }

  const handler: Handler = function consoleHandler(req, res, next) {
    const own = ownPath(req, path);
    const served = own === undefined ? false : serve(own, req, res, next);
    if (served === false) next();
    else if (served !== true) served.catch((error: unknown) => passError(error, res, next));
  };
  return Object.assign(handler, {
    key: ownKey,
    close: () => {
      hub.close();
      activity?.close();
    },
  });
}

/** To the same path with a slash, relative so that it holds behind a proxy that cuts a prefix off. The fragment stays. */
function redirect(req: IncomingMessage, res: ServerResponse): true {
  const last = requestPath(req).split("/").at(-1) ?? "";
  res.statusCode = 308;
  res.setHeader("Location", `./${last}/`);
  res.setHeader("Content-Length", 0);
  res.end();
  return true;
}

function activityOptions({ requestId, route, principal, clientIp, anonymise, owns, worker, upstreams, queues }: ReadConsoleOptions) {
  return { anonymise, worker, ...defined({ requestId, route, principal, clientIp, owns, upstreams, queues }) };
}
