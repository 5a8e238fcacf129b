import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler } from "../handler.ts";
import { requestValue } from "../request-value.ts";
import { type ExpressParams, mountTemplate } from "./mount-template.ts";

interface ExpressRequest extends IncomingMessage {
  baseUrl?: string;
  route?: { path: unknown };
  params?: ExpressParams;
}

/** A mount path that the request is in, with those around it: as in the URL, and as a template. */
interface Mount {
  readonly baseUrl: string;
  readonly template: string;
}

/** Follows a request through the routers of Express, which assign `baseUrl` and `route` whenever they enter or leave something. */
class RouteWatch {
  readonly #res: ServerResponse;
  readonly #outermost: Mount;
  #within: Mount[] = [];
  #lastEntered: string | undefined;
  #template: string | undefined;
  route: ExpressRequest["route"];

  constructor(req: ExpressRequest, res: ServerResponse) {
    const baseUrl = req.baseUrl ?? "";
    this.#res = res;
    this.#outermost = { baseUrl, template: mountTemplate(baseUrl, req.params) };
  }

  get #mount(): Mount {
    return this.#within.at(-1) ?? this.#outermost;
  }

  get baseUrl(): string {
    return this.#mount.baseUrl;
  }

  /** @param baseUrl `undefined` when the request leaves the app */
  moveTo(baseUrl = "", params?: ExpressParams): void {
    while (this.#within.length > 0 && !baseUrl.startsWith(this.baseUrl)) this.#within.pop();
    const { baseUrl: parent, template } = this.#mount;
    if (baseUrl.length <= parent.length) return;
    this.#lastEntered = template + mountTemplate(baseUrl.slice(parent.length), params);
    this.#within.push({ baseUrl, template: this.#lastEntered });
  }

  enter(route: ExpressRequest["route"]): void {
    this.route = route;
    if (route === undefined) return;
    const { template } = this.#mount;
    const path = String(route.path);
    this.#template = path === "/" && template !== "" ? template : template + path;
  }

  get template(): string | undefined {
    return this.#template ?? this.#within.at(-1)?.template ?? (this.#hasFailed ? this.#lastEntered : undefined);
  }

  /** A mount path that has been left counts if an error has left it. A 404 means that nothing responded, below it or after it. */
  get #hasFailed(): boolean {
    return this.#res.statusCode >= 400 && this.#res.statusCode !== 404;
  }
}

const watches = requestValue<RouteWatch>("@aivillage/middleware.expressRoute");

const watched: PropertyDescriptorMap & ThisType<ExpressRequest> = {
  baseUrl: {
    get() {
      return watches.get(this)?.baseUrl;
    },
    set(baseUrl: string | undefined) {
      watches.get(this)?.moveTo(baseUrl, this.params);
    },
    enumerable: true,
    configurable: true,
  },
  route: {
    get() {
      return watches.get(this)?.route;
    },
    set(route: ExpressRequest["route"]) {
      watches.get(this)?.enter(route);
    },
    enumerable: true,
    configurable: true,
  },
};

/**
 * A handler that remembers for `getExpressRoute()` which route of an Express app a request has taken. Mount it before the routes.
 *
 * Express takes the mount paths of routers out of `req.baseUrl` again when an error leaves them, so code that reads it when the response has
 * ended finds `/:id` instead of `/users/:id`.
 */
export const watchExpressRoute: Handler = function watchExpressRouteHandler(req: ExpressRequest, res, next) {
  if (watches.get(req) === undefined) {
    watches.set(req, new RouteWatch(req, res));
    Object.defineProperties(req, watched);
  }
  next();
};

/**
 * The template of the route that a request has taken in an Express app, with the mount paths of its routers, such as `/users/:id`. It is that
 * of the last route whose handlers were called, whether they responded or failed.
 *
 * If no route was taken, it is the path at which the handler is mounted that responded or failed, such as `/api` for `app.use("/api", proxy)`.
 * It is `undefined` if neither exists, if the request got a 404 from no handler, and without `watchExpressRoute`.
 *
 * @returns mount paths in lower case, with the values of their parameters replaced by `:name`. A regular expression without groups that is
 * mounted is the text that it matched: limit what you count by it.
 */
export function getExpressRoute(req: IncomingMessage): string | undefined {
  return watches.get(req)?.template;
}
