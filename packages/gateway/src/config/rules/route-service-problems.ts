import { downstreamProxy } from "@aivillage/downstream-proxy";
import { hostOfTarget, originForm } from "@aivillage/middleware";
import { templateError, templateParameters } from "@aivillage/router";

import { serviceOptions } from "../options/service-options.ts";
import { optionalMs } from "../settings/durations.ts";
import { expandRoute } from "../settings/expand-route.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { corsProblems } from "../settings/route-cors.ts";
import { isUpstream } from "../settings/url-forms.ts";
import { reasonsAgainst } from "./reasons-against.ts";

const advanced = ["timeouts", "heartbeat", "retries", "breaker", "ejection", "fallback", "fallbackOn"] as const;

/** What is wrong with the service of a route, and how it is asked. */
export function serviceProblems(route: RouteConfig): string[] {
  const { upstream = [], fallback = [], fallbackOn, cors } = route;
  const lists: [string, readonly string[]][] = [
    ["upstream", upstream],
    ...fallback.map(({ upstream: urls }, index): [string, readonly string[]] => [`fallback[${index}].upstream`, urls]),
  ];
  const wrong = lists.flatMap(([key, urls]) => urls.flatMap((url, index) => urlProblems(`\`${key}\`[${index}]`, url)));
  return [
    ...wrong,
    ...(fallbackOn !== undefined && fallback.length === 0 ? ["has `fallbackOn` without `fallback`: remove it"] : []),
    ...(cors === undefined || cors === false ? [] : corsProblems(cors).map((problem) => `${problem} in \`cors\``)),
    ...firstEventProblems(route),
    ...(wrong.length === 0 && advanced.some((key) => route[key] !== undefined) ? proxyProblems(route) : []),
  ];
}

function urlProblems(place: string, url: string): string[] {
  if (isUpstream(url)) return [];
  if (/^(https?:\/\/)?unix:/.test(url)) return [`has a Unix socket in ${place} that cannot be read: write it as unix:/run/notes.sock`];
  const { username = "", password = "" } = URL.parse(url) ?? {};
  // Not shown: it may hold a secret.
  if (username + password !== "")
    return [`has a user or password in ${place}: remove it, and send it with \`upstreamKeyFile\` or \`requestHeaders\``];
  if (/^https?:\/\//.test(url) && URL.canParse(url) && /[?#]/.test(url)) {
    return [`has a query or fragment in ${place}: leave out \`?\` and \`#\`, and what follows them`];
  }
  return [`has no URL in ${place}: give one such as http://notes:9000, or unix:/run/notes.sock`];
}

/** A time that ends after a shorter one never ends anything. */
function firstEventProblems(route: RouteConfig): string[] {
  const { timeouts = {} } = expandRoute(route);
  const firstEvent = optionalMs(timeouts.firstEvent);
  if (firstEvent === undefined) return [];
  return (["total", "stream"] as const).flatMap((name) => {
    const limit = optionalMs(timeouts[name]);
    if (limit === undefined || firstEvent <= limit) return [];
    const own = route.timeouts?.[name] === undefined ? `, ${timeouts[name]} on a route with \`ai\`` : "";
    return [`waits longer for \`timeouts.firstEvent\` than \`timeouts.${name}\` allows${own}: lower the first, or raise the second`];
  });
}

/** The proxy connects to nothing before its first request. */
function proxyProblems(route: RouteConfig): string[] {
  const targets = [{ name: "service", url: "http://localhost" }];
  return reasonsAgainst(() => downstreamProxy({ ...serviceOptions(route), targets })).map((reason) => `has ${reason}`);
}

/** What is wrong with the paths that a route leads to. */
export function rewriteProblems({ path, rewrite, redirect, fallback = [] }: RouteConfig): string[] {
  const known = templateParameters(path);
  const paths: [string, string | undefined][] = [
    ["rewrite", rewrite],
    ["redirect.location", redirect && originForm(redirect.location)],
    ...fallback.map(({ path: own }, index): [string, string | undefined] => [`fallback[${index}].path`, own]),
  ];
  return paths.flatMap(([key, template]) => {
    if (template === undefined) return [];
    if (key === "redirect.location" && redirect !== undefined && /[{}*]/.test(hostOfTarget(redirect.location) ?? "")) {
      return [`has a parameter in the host of \`redirect.location\`: only the path may have some, as in https://docs.example/{page}`];
    }
    if (key === "redirect.location" && redirect?.location === path) return ["redirects to itself: give another `redirect.location`"];
    const error = templateError(template);
    if (error !== undefined) return [`has a \`${key}\` that is none: it must be ${error}`];
    const strange = templateParameters(template).filter((name) => !known.includes(name));
    return strange.map((name) => `has ${name === "*" ? name : `{${name}}`} in \`${key}\`, but not in \`path\``);
  });
}
