type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The outbound proxy for a URL by the usual environment variables: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, then `ALL_PROXY`, unless
 * `NO_PROXY` names its host. Lower-case names win over upper-case ones, as in curl.
 *
 * `NO_PROXY` is a list of hosts, each with an optional port. An entry also covers the subdomains of its host, and `*` covers everything.
 *
 * @param url of a target
 * @param environment the environment variables of the process
 * @returns the URL for the option `outboundProxy`, or `undefined` for none
 */
export function proxyFromEnvironment(url: string, environment: Environment): string | undefined {
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol)) return undefined;
  const read = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name] || undefined;
  if (isBypassed(target, read("NO_PROXY") ?? "")) return undefined;
  const proxy = read(target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  return proxy === undefined || proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isBypassed({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const actualPort = port || (protocol === "https:" ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => covers(entry.toLowerCase(), host, actualPort));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*" || entry === host) return true;
  const [, name = "", givenPort] = /^\[?\*?\.?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
  if (name === "" || (givenPort !== undefined && givenPort !== port)) return false;
  return host === name || host.endsWith(`.${name}`);
}
