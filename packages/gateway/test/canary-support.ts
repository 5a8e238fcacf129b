import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

import { childEnv, endWithProcess, eventually, gatewayProgram } from "@aivillage/testing";

/** Makes secrets that can be told from everything else, and finds them again. */
export class Canaries {
  /** Where each was planted, and the forms in which it is looked for. */
  readonly #planted = new Map<string, { readonly place: string; readonly forms: readonly string[] }>();

  /** A new secret. Letters, digits and `-` alone, so that it may stand everywhere. */
  plant(place: string): string {
    const mark = randomBytes(10).toString("hex");
    this.#note(mark, place);
    return `canary-${mark}-0123456789`;
  }

  /** A token signed by a secret, which is as secret as that: its signature is looked for, and its parts. */
  plantToken(place: string, secret: string, claims: object): string {
    const parts = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const signature = createHmac("sha256", secret).update(parts.join(".")).digest("base64url");
    for (const part of [parts[1] ?? "", signature]) this.#note(part, place);
    return `${parts.join(".")}.${signature}`;
  }

  get count(): number {
    return this.#planted.size;
  }

  /** Where those secrets were planted that stand in a text: as they are, in capitals, in Base64 or in hexadecimal digits. */
  in(text: string): string[] {
    const found = [...this.#planted.values()].filter(({ forms }) => forms.some((form) => text.includes(form)));
    return [...new Set(found.map(({ place }) => place))];
  }

  #note(mark: string, place: string): void {
    const shifted = [0, 1, 2].map((shift) => {
      const encoded = Buffer.from(mark).subarray(shift).toString("base64url");
      return encoded.slice(0, Math.floor(encoded.length / 4) * 4 - 4);
    });
    const forms = [mark, mark.toUpperCase(), mark.split("").toReversed().join(""), Buffer.from(mark).toString("hex"), ...shifted];
    this.#planted.set(mark, { place, forms });
  }
}

/** A gateway from source in a process of its own, with all that it prints. */
export interface CanaryGateway {
  readonly child: ChildProcess;
  /** Exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
  readonly printed: () => string;
}

const preload = join(import.meta.dirname, "canary.process.ts");

/** Runs the program in a process of its own. */
export function spawnCli(args: readonly string[], env: Record<string, string>, nodeOptions: readonly string[] = []): CanaryGateway {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", ...nodeOptions, gatewayProgram(), ...args], {
    env: childEnv(env),
  });
  endWithProcess(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, printed: () => text, ended: new Promise((resolve) => child.once("close", resolve)) };
}

/** The gateway that serves, with spans on standard output, and diagnostic reports in a folder: on SIGWINCH and for what nobody catches. */
export async function serve(env: Record<string, string>, folder: string): Promise<CanaryGateway & { readonly port: number }> {
  const reports = ["--report-on-signal", "--report-signal=SIGWINCH", "--report-uncaught-exception", `--report-directory=${folder}`];
  const gateway = spawnCli(["start", "--port", "0"], env, ["--import", preload, ...reports]);
  const listens = /"url":"http:\/\/[^"]*:(\d+)"/;
  await eventually(() => listens.test(gateway.printed()), "it listens");
  return { ...gateway, port: Number(listens.exec(gateway.printed())?.[1]) };
}

/** Stands for a Redis that refuses the password, and quotes it. */
export async function startRefusingRedis(): Promise<AsyncDisposable & { readonly port: number; readonly asked: () => string }> {
  let asked = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        asked += chunk.toString();
        socket.write(`-WRONGPASS ${chunk.toString().replaceAll(/\s+/g, " ")}\r\n`.repeat(chunk.toString().split("*").length - 1));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
