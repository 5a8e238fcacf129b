import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

import { temporaryFile } from "@aivillage/testing";

import { keysFolder } from "./keys-support.ts";

/** Where an admin listener is: a Unix socket, or host and port. */
export type AdminAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface AdminResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test expects of it, it asserts
  readonly json: any;
}

interface AdminRequest {
  readonly method?: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the admin listener. */
export async function askAdmin(
  address: AdminAddress,
  path: string,
  { method = "GET", key, body, host, headers: further = {} }: AdminRequest = {},
): Promise<AdminResponse> {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(host !== undefined && { host }),
    ...further,
  };
  const req = request({ ...address, path, method, headers, agent: false });
  req.end(body === undefined ? undefined : JSON.stringify(body));
  const [res] = (await once(req, "response")) as [IncomingMessage];
  const content = await text(res);
  const isJson = res.headers["content-type"]?.includes("json") === true;
  return { status: res.statusCode ?? 0, headers: res.headers, text: content, json: isJson ? JSON.parse(content) : undefined };
}

/** A socket path, and a keys file with a key that names the scope `admin` and one that holds `*`. `using` removes them. */
export async function adminFiles() {
  const socket = temporaryFile("admin.sock");
  const keys = keysFolder();
  const admin = await keys.create("ops", "--scope", "admin", "--expires", "never");
  const client = await keys.create("ada", "--expires", "never");
  return {
    address: { socketPath: socket.path },
    adminKey: admin.key,
    adminKeyId: admin.keyId,
    clientKey: client.key,
    env: { ADMIN_SOCKET: socket.path, API_KEYS_FILE: keys.path },
    [Symbol.dispose]() {
      socket[Symbol.dispose]();
      keys[Symbol.dispose]();
    },
  };
}
