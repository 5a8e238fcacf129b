import { OptionError, optionError, unknownOption } from "@aivillage/middleware";

import type { TargetOptions } from "./options.ts";

export const packageName = "@aivillage/downstream-proxy";

/** The address of one replica. */
export interface ReplicaUrl {
  /** Scheme and authority, in the form that undici expects. */
  readonly origin: string;
  /** Prefix of every path: empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
}

/** A checked target. */
export interface CheckedTarget {
  readonly name: string;
  readonly path: string | undefined;
  readonly replicas: readonly ReplicaUrl[];
}

export function readTargets(target: string | undefined, targets: readonly TargetOptions[] | undefined): readonly CheckedTarget[] {
  if (target !== undefined && targets !== undefined) {
    const reason = "options `target` and `targets` exclude each other; give one of them";
    throw new OptionError({ packageName, option: "target", expected: "given without `targets`", reason });
  }
  if (target !== undefined) return [{ name: "downstream", path: undefined, replicas: [readReplica("target", target)] }];
  if (targets === undefined) throw optionError(packageName, "targets", "a non-empty array of targets (or give `target`)", targets);
  const checked = targets.map((given, index) => readTarget(`targets[${index}]`, given));
  refuseSameNames(checked);
  return checked;
}

function readTarget(at: string, given: unknown): CheckedTarget {
  if (typeof given !== "object" || given === null) throw optionError(packageName, at, "an object with `name` and `url`", given);
  const { name, url, path, ...others } = given as Record<string, unknown>;
  const unknownName = Object.keys(others)[0];
  if (unknownName !== undefined) throw unknownOption(packageName, unknownName, ["name", "url", "path"], `${at}.`);
  if (typeof name !== "string" || !/^[\w.-]{1,64}$/.test(name)) {
    throw optionError(packageName, `${at}.name`, "1 to 64 letters, digits, `_`, `.` or `-`", name);
  }
  if (path !== undefined && (typeof path !== "string" || !/^\/(?!\/)[!-"$-~]*$/.test(path))) {
    throw optionError(packageName, `${at}.path`, "a path that begins with one slash, percent-encoded", path);
  }
  return { name, path, replicas: readReplicas(`${at}.url`, url) };
}

function readReplicas(at: string, url: unknown): readonly ReplicaUrl[] {
  if (!Array.isArray(url)) return [readReplica(at, url)];
  if (url.length === 0) throw optionError(packageName, at, "a URL or a non-empty array of URLs", url);
  return url.map((entry: unknown, index) => readReplica(`${at}[${index}]`, entry));
}

const expected = "an http: or https: URL without credentials, query or fragment";

function readReplica(at: string, given: unknown): ReplicaUrl {
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) throw optionError(packageName, at, expected, given);
  // Not shown: the message would contain the password.
  if (url.username !== "" || url.password !== "") throw optionError(packageName, at, expected, "a URL with credentials");
  if (url.search !== "" || url.hash !== "") throw optionError(packageName, at, expected, given);
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, "") };
}

function refuseSameNames(targets: readonly CheckedTarget[]): void {
  const names = targets.map(({ name }) => name);
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again !== -1) throw optionError(packageName, `targets[${again}].name`, "different from the names before it", names[again]);
}
