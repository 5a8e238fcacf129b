import type { IncomingMessage } from "node:http";

import { option, readOptions, returns } from "@aivillage/middleware";

import { type ActivityOptions, activityRules } from "./activity/collect-activity.ts";
import type { ActivityReport, ActivityRequest, Change } from "./activity/report.ts";
import { packageName } from "./package-name.ts";

/** What is read of a metrics registry: `Registry` of prom-client, and what `collectFromWorkers()` or `reportToPrimary()` has made. */
export interface MetricsSource {
  getMetricsAsJSON(): Promise<readonly object[]>;
  getSingleMetric?(name: string): object | undefined;
}

/** A penalty, as `@aivillage/rate-limit` lists it. */
export interface ListedPenalty {
  readonly key: string;
  readonly client: string;
  readonly reason: string;
  readonly remainingMs: number;
}

/** Lists and clears penalties; a `rateLimit()` does. */
export interface PenaltyKeeper {
  penalties(): readonly ListedPenalty[] | Promise<readonly ListedPenalty[]>;
  /** @returns whether there was such a penalty */
  clear(client: string): boolean | Promise<boolean>;
}

/** Something that changed about the app itself. */
export type NotedChange = Omit<Change, "number" | "seq">;

/** What a request may do: nothing, see the data, or also change things. */
export type Access = false | "read" | "change";

/** Options of `liveConsole()`. */
export interface LiveConsoleOptions extends ActivityOptions {
  /** The registry of `metrics()`, or what `collectFromWorkers()` has made. Default: none, and so no traffic is shown. */
  registry?: MetricsSource;
  /** The option `prefix` of `metrics()`. Default `gateway`. */
  prefix?: string;
  /**
   * What a request may do. Default: `change` for requests with the option `key` as a bearer token.
   *
   * The page itself, without any data, is served to everyone.
   */
  access?: (req: IncomingMessage) => Access;
  /**
   * The key that opens the console, at least 16 characters. Default: 32 random bytes for each console, the member `key` of the handler. Not
   * together with `access`.
   */
  key?: string;
  /** Lists and clears penalties, such as a `rateLimit()`. Default: penalties are shown from their events, and cannot be cleared. */
  limiter?: PenaltyKeeper;
  /** What other processes have collected with `collectActivity()`, instead of what this one does. Default: this process. */
  activity?: (request: ActivityRequest) => Promise<readonly ActivityReport[]>;
  /** Further changes to list, such as reloads of the configuration. Asked twice per second while somebody looks. Default: none. */
  changes?: () => readonly NotedChange[];
  /** Facts for the head of the page, such as the version. Asked twice per second while somebody looks. Default: none. */
  facts?: () => Readonly<Record<string, string>>;
  /** Title of the page. Default `Console`. */
  title?: string;
  /** Where the documentation is that titles link to; a URL that ends in `/`. Default: that of AIVillage Gateway. */
  docsUrl?: string;
  /** The path of the console where the host does not cut it off `req.url`, such as `/console`. Default: the host does, as Express. */
  path?: string;
  /** Most viewers at once; from 1 to 1000, default 20. */
  maxViewers?: number;
}

const returnsAccess = returns.custom('"read", "change" or false', (result) => result === false || result === "read" || result === "change");

export function readConsoleOptions(given: LiveConsoleOptions | undefined) {
  return readOptions(packageName, given, {
    ...activityRules,
    registry: option.custom<MetricsSource | undefined>("a prom-client Registry or the metrics of all workers", undefined, (value) =>
      hasFunctions(value, ["getMetricsAsJSON"]),
    ),
    prefix: option.string("gateway"),
    access: option.function<NonNullable<LiveConsoleOptions["access"]>>(undefined, returnsAccess),
    key: option.custom<string | undefined>(
      "a text of at least 16 characters",
      undefined,
      (value) => typeof value === "string" && value.length >= 16,
    ),
    limiter: option.custom<PenaltyKeeper | undefined>("a rateLimit(), or an object with penalties() and clear()", undefined, (value) =>
      hasFunctions(value, ["penalties", "clear"]),
    ),
    activity: option.asyncFunction<NonNullable<LiveConsoleOptions["activity"]>>(undefined),
    changes: option.function<NonNullable<LiveConsoleOptions["changes"]>>(undefined),
    facts: option.function<NonNullable<LiveConsoleOptions["facts"]>>(undefined),
    title: option.string("Console"),
    docsUrl: option.custom<string>(
      "an http or https URL that ends in /",
      "https://github.com/aivillage/gateway/blob/main/docs/",
      isFolderUrl,
    ),
    path: option.custom<string | undefined>(
      "a path such as /console",
      undefined,
      (value) => typeof value === "string" && /^(\/[\w.-]+)+$/.test(value),
    ),
    maxViewers: option.integer(20, { min: 1, max: 1_000 }),
  });
}

export type ReadConsoleOptions = ReturnType<typeof readConsoleOptions>;

function isFolderUrl(value: unknown): boolean {
  return typeof value === "string" && value.endsWith("/") && ["http:", "https:"].includes(URL.parse(value)?.protocol ?? "");
}

function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "function");
}
