import type { IncomingMessage } from "node:http";

import { dialectOf } from "./meter-call.ts";
import { packageName } from "./options.ts";
import { aiCallValue } from "./request/call.ts";
import { changeMember, replaceMember } from "./request/edit-body.ts";
import { type ModelNames, modelNames } from "./request/model-names.ts";

/**
 * Gives models the names that they have at one backend, such as a deployment of Azure or a router of models. For the option `body` of a
 * target of `downstreamProxy()`. Models that are not in `names` keep their name, and calls that name none stay as they are. Models that a
 * router may choose instead (`models`, `fallbacks`) are renamed too.
 *
 * Everything else refers to the name that the client sent: `models`, `getAiCall()`, budgets and prices.
 *
 * @param names names at the backend by those of clients. `*` stands for any characters, and in the name at the backend for the same ones:
 *   `{ "claude-*": "anthropic/claude-*" }`. An exact name wins; of patterns, the first.
 * @throws OptionError for an empty map, or a bad name
 */
export function renameModels(names: ModelNames): (req: IncomingMessage, body: Buffer) => Buffer {
  const nameOf = modelNames(packageName, names);
  return (req, body) => {
    const { model, otherModels = [] } = aiCallValue.get(req) ?? {};
    const dialect = dialectOf(req);
    if (dialect === undefined) return body;
    const name = model === undefined ? undefined : nameOf(model);
    const renamed = name === undefined ? body : replaceMember(body, dialect.request.model, name);
    if (otherModels.every((other) => nameOf(other) === undefined)) return renamed;
    return (dialect.request.otherModels ?? []).reduce((bytes, member) => renameListed(bytes, member, nameOf), renamed);
  };
}

type Listed = string | { readonly model: string };

/** Replaces the names in a list that was read before. */
function renameListed(body: Buffer, member: string, nameOf: (model: string) => string | undefined): Buffer {
  const renamed = (entry: Listed): Listed =>
    typeof entry === "string" ? (nameOf(entry) ?? entry) : { model: nameOf(entry.model) ?? entry.model };
  return changeMember(body, member, (bytes) => {
    const list = JSON.parse(bytes.toString()) as readonly Listed[] | string | null;
    if (list === null) return null;
    return typeof list === "string" ? renamed(list) : list.map(renamed);
  });
}
