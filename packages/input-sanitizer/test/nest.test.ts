import "reflect-metadata";
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { getInput, sanitizeInput } from "@aivillage/input-sanitizer";
import { Body, Controller, createParamDecorator, type MiddlewareConsumer, Module, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";

const check = sanitizeInput({ body: { type: "object", properties: { name: { type: "string", maxLength: 5 } }, required: ["name"] } });
const Input = createParamDecorator((_data, context) => getInput(context.switchToHttp().getRequest<IncomingMessage>(), check)?.body);

/** Shows what a controller gets. The decorators are called, since Node strips types only. */
class Cats {
  add(body: unknown, input: unknown): object {
    return { body, input };
  }
}
Body()(Cats.prototype, "add", 0);
Input()(Cats.prototype, "add", 1);
Post()(Cats.prototype, "add", Object.getOwnPropertyDescriptor(Cats.prototype, "add") ?? {});
Controller("cats")(Cats);

class WithoutMiddleware {
  readonly name = "cats";
}
Module({ controllers: [Cats] })(WithoutMiddleware);

class WithMiddleware {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(check).forRoutes("cats");
  }
}
Module({ controllers: [Cats] })(WithMiddleware);

/** The responses to a good and a bad body. */
async function responses(module: new () => object, prepare: (app: NestExpressApplication) => void): Promise<unknown[]> {
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: false });
  try {
    prepare(app);
    await app.listen(0, "127.0.0.1");
    const send = async (name: string): Promise<Response> =>
      fetch(`${await app.getUrl()}/cats`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
    return [await (await send("Tom")).json(), (await send("much too long")).status];
  } finally {
    await app.close();
  }
}

const tom = { name: "Tom" };

test("on NestJS a middleware of a module runs after the body parser, so that @Body() is there", async () => {
  assert.deepEqual(await responses(WithMiddleware, () => undefined), [{ body: tom, input: tom }, 422]);
});

test("on NestJS useBodyParser() before app.use() keeps @Body()", async () => {
  const prepare = (app: NestExpressApplication): void => void app.useBodyParser("json").use("/cats", check);
  assert.deepEqual(await responses(WithoutMiddleware, prepare), [{ body: tom, input: tom }, 422]);
});

test("on NestJS app.use() alone runs before the body parser, which reads the body again", async () => {
  const prepare = (app: NestExpressApplication): void => void app.use("/cats", check);
  assert.deepEqual(await responses(WithoutMiddleware, prepare), [{ body: tom, input: tom }, 422]);
});
