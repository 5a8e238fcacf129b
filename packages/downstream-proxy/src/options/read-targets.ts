import { isPlainObject, isProxyUrl, option, OptionError, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";
import { readReplica, readReplicas, type ReplicaUrl } from "./read-replicas.ts";
import { type CheckedTls, readTls } from "./read-tls.ts";
import { returned } from "./returned.ts";
import type { TargetOptions, TlsOptions } from "./target-options.ts";

/** A checked target. */
export interface CheckedTarget {
  readonly name: string;
  readonly path: string | undefined;
  readonly headers: TargetOptions["headers"];
  readonly body: TargetOptions["body"];
  readonly replicas: readonly ReplicaUrl[];
  readonly tls: CheckedTls | undefined;
  readonly http2: boolean;
  readonly outboundProxy: URL | undefined;
}

export function readTargets(target: string | undefined, targets: readonly TargetOptions[] | undefined): readonly CheckedTarget[] {
  if (target !== undefined && targets !== undefined) {
    const reason = "options `target` and `targets` exclude each other; give one of them";
    throw new OptionError({ packageName, option: "target", expected: "given without `targets`", reason });
  }
  if (target !== undefined) {
    const replicas = [readReplica("target", target)];
    return [{ ...plainTarget, replicas }];
  }
  if (targets === undefined) throw optionError(packageName, "targets", "a non-empty array of targets (or give `target`)", targets);
  const checked = targets.map((given, index) => readTarget(`targets[${index}]`, given));
  refuseSameNames(checked);
  return checked;
}

const plainTarget: Omit<CheckedTarget, "replicas"> = {
  name: "downstream",
  path: undefined,
  headers: undefined,
  body: undefined,
  tls: undefined,
  http2: false,
  outboundProxy: undefined,
};

function readTarget(at: string, given: unknown): CheckedTarget {
  if (typeof given !== "object" || given === null) throw optionError(packageName, at, "an object with `name` and `url`", given);
  const rules = {
    name: option.custom(
      "1 to 64 letters, digits, `_`, `.` or `-`",
      "",
      (value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value),
    ),
    url: option.custom<unknown>("a URL or a non-empty array of URLs", undefined, () => true),
    path: option.custom<string | undefined>("a path that begins with one slash, percent-encoded", undefined, isPath),
    headers: option.function<NonNullable<TargetOptions["headers"]>>(undefined, returned.headers),
    body: option.function<NonNullable<TargetOptions["body"]>>(undefined, returned.bodyOfTarget),
    tls: option.custom<TlsOptions | undefined>("an object", undefined, isPlainObject),
    http2: option.boolean(false),
    outboundProxy: option.custom<string | undefined>("an http: or https: URL without a path", undefined, isProxyUrl),
  };
  const { url, tls, outboundProxy, ...rest } = readOptions(packageName, given, rules, at);
  if (rest.name === "") throw optionError(packageName, `${at}.name`, "1 to 64 letters, digits, `_`, `.` or `-`", undefined);
  return {
    ...rest,
    replicas: readReplicas(`${at}.url`, url),
    tls: tls === undefined ? undefined : readTls(`${at}.tls`, tls),
    outboundProxy: outboundProxy === undefined ? undefined : new URL(outboundProxy),
  };
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && /^\/(?!\/)[!-"$-~]*$/.test(value);
}

function refuseSameNames(targets: readonly CheckedTarget[]): void {
  const names = targets.map(({ name }) => name);
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again !== -1) throw optionError(packageName, `targets[${again}].name`, "different from the names before it", names[again]);
}
