import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

import * as grpc from "@grpc/grpc-js";

import { grpcProxy } from "../grpc-proxy.ts";

const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() };
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
});
const definition = { say: method("/example.Greeter/Say", false, false), chat: method("/example.Greeter/Chat", true, true) };

/** A service of @grpc/grpc-js, and its client, which reaches it through the proxy. */
async function greeter(t: TestContext) {
  const service = new grpc.Server();
  service.addService(definition, {
    say: (call: grpc.ServerUnaryCall<string, string>, done: grpc.sendUnaryData<string>) => {
      if (call.request === "nobody") return done({ code: grpc.status.NOT_FOUND, details: "nobody is here" });
      done(null, `hello ${call.request}`);
    },
    chat: (call: grpc.ServerDuplexStream<string, string>) => {
      call.on("data", (message: string) => call.write(`echo ${message}`)).on("end", () => call.end());
    },
  });
  const bind = promisify(service.bindAsync.bind(service));
  const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
  const { server, close } = grpcProxy(`http://127.0.0.1:${port}`);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const Client = grpc.makeGenericClientConstructor(definition, "Greeter");
  const client = new Client(`127.0.0.1:${(server.address() as AddressInfo).port}`, grpc.credentials.createInsecure());
  t.after(async () => {
    client.close();
    service.forceShutdown();
    server.close();
    await close();
  });
  return client;
}

test("calls of gRPC, their errors and bidirectional streams pass through the proxy", async (t) => {
  const client = await greeter(t);
  const say = (name: string) =>
    new Promise<string>((resolve, reject) => {
      client.makeUnaryRequest(definition.say.path, text.serialize, text.deserialize, name, (error, reply = "") =>
        error === null ? resolve(reply) : reject(error),
      );
    });
  assert.equal(await say("gateway"), "hello gateway");
  await assert.rejects(say("nobody"), { code: grpc.status.NOT_FOUND, details: "nobody is here" });

  const call = client.makeBidiStreamRequest(definition.chat.path, text.serialize, text.deserialize);
  const status = once(call, "status");
  const received: string[] = [];
  for (const message of ["one", "two", "three"]) {
    call.write(message);
    const [reply] = (await once(call, "data")) as [string];
    received.push(reply);
  }
  call.end();
  call.resume();
  assert.deepEqual(received, ["echo one", "echo two", "echo three"]);
  const [{ code }] = (await status) as [grpc.StatusObject];
  assert.equal(code, grpc.status.OK);
});
