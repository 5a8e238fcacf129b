import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { option, optionError, readOptions, OptionError, optionReason, returns } from "@aivillage/middleware";

interface BakeryOptions {
  open?: boolean;
  loaves?: number;
  name?: string;
  flour?: "rye" | "wheat";
  onSold?: (count: number) => void;
  price?: number;
}

const rules = {
  open: option.boolean(true),
  loaves: option.integer(12, { min: 1, max: 99 }),
  name: option.string("Bakery"),
  flour: option.oneOf(["rye", "wheat"], "rye"),
  onSold: option.function<(count: number) => void>(undefined),
  price: option.custom("a price with at most two decimals", 2.5, (value) => typeof value === "number" && Number.isInteger(value * 100)),
};
const read = (given?: unknown, path?: string) => readOptions("@aivillage/bakery", given as BakeryOptions | undefined, rules, path);
const defaults = { open: true, loaves: 12, name: "Bakery", flour: "rye", onSold: undefined, price: 2.5 };

test("absent and undefined options take their defaults", () => {
  assert.deepEqual(read(), defaults);
  assert.deepEqual(read({}), defaults);
  assert.deepEqual(read({ open: undefined, name: undefined }), defaults);
  assert.deepEqual(read(Object.create(null)), defaults);
});

test("good values are taken as they are, also falsy ones", () => {
  const onSold = (): void => undefined;
  const given = { open: false, loaves: 99, name: "x", flour: "wheat", price: 0 };
  const { onSold: sold, ...others } = read({ ...given, onSold });
  assert.deepEqual(others, given);
  assert.equal(typeof sold, "function");
});

test("a bad value is refused and never replaced", () => {
  const refused = (given: object, message: string): void => {
    assert.throws(() => read(given), { name: "TypeError", message: `@aivillage/bakery: option ${message}` });
  };
  refused({ open: 1 }, "`open` must be true or false, got 1");
  refused({ open: null }, "`open` must be true or false, got null");
  refused({ loaves: 0 }, "`loaves` must be an integer from 1 to 99, got 0");
  refused({ loaves: 100 }, "`loaves` must be an integer from 1 to 99, got 100");
  refused({ loaves: 1.5 }, "`loaves` must be an integer from 1 to 99, got 1.5");
  refused({ loaves: "12" }, "`loaves` must be an integer from 1 to 99, got '12'");
  refused({ loaves: NaN }, "`loaves` must be an integer from 1 to 99, got NaN");
  refused({ name: "" }, "`name` must be a non-empty string, got ''");
  refused({ flour: "spelt" }, '`flour` must be one of "rye", "wheat", got \'spelt\'');
  refused({ onSold: "log" }, "`onSold` must be a function, got 'log'");
  refused({ price: 0.001 }, "`price` must be a price with at most two decimals, got 0.001");
});

test("an integer is at least 0 by default", () => {
  const readCount = (count: number): number =>
    readOptions<{ count?: number }, { count: ReturnType<typeof option.integer> }>("p", { count }, { count: option.integer(1) }).count;
  assert.equal(readCount(0), 0);
  assert.equal(readCount(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  assert.throws(() => readCount(-1), /must be an integer, at least 0, got -1/);
  assert.throws(() => readCount(Infinity), /must be an integer, at least 0, got Infinity/);
});

test("an unknown option is named together with the known ones", () => {
  assert.throws(() => read({ loafs: 3 }), {
    name: "TypeError",
    message: "@aivillage/bakery: unknown option `loafs`; known options: open, loaves, name, flour, onSold, price",
  });
  assert.throws(() => read({ toString: 1 }), /unknown option `toString`/);
  assert.throws(() => read(JSON.parse('{"__proto__": {"open": false}}')), /unknown option `__proto__`/);
});

test("options that are no object are refused", () => {
  const wrong: readonly [unknown, string][] = [
    [null, "null"],
    ["open", "string"],
    [5, "number"],
    [[], "array"],
    [new Map([["open", true]]), "Map"],
    [new URLSearchParams("open=true"), "URLSearchParams"],
    [Promise.resolve({}), "Promise"],
    [() => undefined, "function"],
  ];
  for (const [given, kind] of wrong) {
    assert.throws(() => read(given), { name: "TypeError", message: `@aivillage/bakery: options must be an object, got ${kind}` });
  }
});

test("inherited members are no options", () => {
  assert.deepEqual(read(Object.create({ open: false, unknown: 1 })), defaults);
});

test("a nested object is named by its path", () => {
  assert.throws(() => read({ loaves: 0 }, "shops[1]"), /option `shops\[1\]\.loaves` must be an integer from 1 to 99, got 0$/);
  assert.throws(() => read({ loafs: 0 }, "shops[1]"), /unknown option `shops\[1\]\.loafs`; known options: open,/);
  assert.throws(() => read("x", "shops[1]"), /option `shops\[1\]` must be an object, got string$/);
});

test("optionError shows no password of a URL, whatever stands in it and however long it is", () => {
  const shown = (got: unknown): string | undefined => optionError("@aivillage/bakery", "mill", "a URL", got).got;
  for (const password of ["hunter2", "hunter2/", "hunter2#?", "a@hunter2", "hunter2 b", "hunter2".repeat(20)]) {
    assert.equal(shown(`ftp://ada:${password}@mill.example`), "'ftp://[redacted]@mill.example'", password);
    assert.equal(
      shown({ urls: [`ftp://${password}@mill.example`, "ftp://b"] }),
      "{ urls: [ 'ftp://[redacted]@mill.example', 'ftp://b' ] }",
      password,
    );
  }
});

test("optionError shows what came on one line and in bounded length", () => {
  const message = (got: unknown): string => optionError("@aivillage/bakery", "flour", "rye", got).message;
  assert.ok(optionError("p", "o", "e", 1) instanceof TypeError);
  assert.equal(message({ a: [1, { b: {} }] }), "@aivillage/bakery: option `flour` must be rye, got { a: [ 1, [Object] ] }");
  assert.equal(message("a\nb"), "@aivillage/bakery: option `flour` must be rye, got 'a\\nb'");
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, number) => [`member${number}`, number]));
  for (const huge of ["x".repeat(10_000), Array(10_000).fill("flour"), wide, Buffer.alloc(9_999)]) {
    assert.ok(message(huge).length < 300, String(message(huge).length));
    assert.doesNotMatch(message(huge), /\n/);
  }
});

test("an OptionError says to programs what its message says to people", () => {
  const thrownBy = (run: () => unknown): OptionError => {
    try {
      run();
    } catch (error) {
      if (error instanceof OptionError) return error;
    }
    throw new Error("no OptionError was thrown");
  };
  const invalid = thrownBy(() => read({ loaves: 0 }, "shops[1]"));
  assert.equal(invalid.code, "AIVILLAGE_OPTION_INVALID");
  assert.deepEqual([invalid.packageName, invalid.option], ["@aivillage/bakery", "shops[1].loaves"]);
  assert.deepEqual([invalid.expected, invalid.got, invalid.nearest], ["an integer from 1 to 99", "0", undefined]);
  assert.equal(invalid.reason, "option `shops[1].loaves` must be an integer from 1 to 99, got 0");
  assert.deepEqual([thrownBy(() => read("x")).option, thrownBy(() => read("x")).got], ["", "string"]);
});

test("an unknown option that is like a known one is reported with it", () => {
  assert.throws(() => read({ loavs: 3 }, "shops[1]"), {
    name: "TypeError",
    code: "AIVILLAGE_OPTION_UNKNOWN",
    option: "shops[1].loavs",
    nearest: "loaves",
    message:
      "@aivillage/bakery: unknown option `shops[1].loavs` (did you mean `loaves`?); known options: open, loaves, name, flour, onSold, price",
  });
  assert.throws(() => read({ recipe: 3 }), {
    code: "AIVILLAGE_OPTION_UNKNOWN",
    nearest: undefined,
    message: /unknown option `recipe`; known/,
  });
});

test("the reason of an error is its message, without the name of the package", () => {
  assert.equal(optionReason(optionError("@aivillage/bakery", "flour", "rye", 1)), "option `flour` must be rye, got 1");
  assert.equal(optionReason(new Error("@aivillage/bakery: no flour")), "@aivillage/bakery: no flour");
  assert.equal(optionReason("no flour"), "no flour");
});

test("a secret that was left out is not shown", () => {
  const error = new OptionError({ packageName: "@aivillage/bakery", option: "recipe", expected: "a secret of 8 letters", cause: "why" });
  assert.equal(error.message, "@aivillage/bakery: option `recipe` must be a secret of 8 letters");
  assert.deepEqual([error.got, error.cause], [undefined, "why"]);
});

test("an async function is refused, unless its result is awaited", () => {
  const later = async (): Promise<void> => undefined;
  const message =
    "@aivillage/bakery: option `onSold` must be a function; it must not be async, because its result is used at once, got [AsyncFunction: later]";
  assert.throws(() => read({ onSold: later }), { code: "AIVILLAGE_OPTION_INVALID", message });
  const awaited = { ...rules, onSold: option.asyncFunction<(count: number) => void>(undefined) };
  assert.equal(readOptions<BakeryOptions, typeof awaited>("@aivillage/bakery", { onSold: later }, awaited).onSold, later);
});

test("an option of another package is refused with what to write instead", () => {
  assert.throws(() => readOptions("@aivillage/bakery", { buns: 3 } as BakeryOptions, rules, "", { buns: "here it is `loaves`" }), {
    code: "AIVILLAGE_OPTION_UNKNOWN",
    message: /^@aivillage\/bakery: unknown option `buns` \(here it is `loaves`\); known options: open, /,
  });
});

const asked = {
  price: option.function<() => number>(undefined),
  open: option.function<() => boolean>(undefined, returns.boolean),
  name: option.function<() => string | undefined>(undefined, returns.optionalString),
  extras: option.function<() => object>(undefined, returns.object),
  onSold: option.function<() => void>(undefined, returns.nothing),
};

interface AskedOptions {
  price?: () => unknown;
  open?: () => unknown;
  name?: () => unknown;
  extras?: () => unknown;
  onSold?: () => unknown;
}

const ask = (given: AskedOptions) => readOptions("@aivillage/bakery", given as object, asked, "shops[0]");

test("a promise where a result is needed is an error, and its rejection does not end the process", async () => {
  for (const name of ["price", "open", "name", "extras"] as const) {
    assert.throws(() => ask({ [name]: () => Promise.reject(new Error("late")) })[name]?.(), {
      name: "TypeError",
      message: new RegExp(`^@aivillage/bakery: \`shops\\[0\\]\\.${name}\` must return its result, got a promise; `),
    });
  }
  for (const result of [undefined, null, 0, "then", { a: 1 }]) assert.equal(ask({ price: () => result }).price?.(), result);
  await setImmediate();
});

test("a result of another type than an option has is an error that does not show it", () => {
  const wrong: readonly [keyof AskedOptions, unknown, string][] = [
    ["open", "no", "true or false, got string"],
    ["open", undefined, "true or false, got undefined"],
    ["name", ["sk-secret"], "a string or undefined, got array"],
    ["name", null, "a string or undefined, got null"],
    ["extras", new Map(), "an object, got Map"],
    ["extras", undefined, "an object, got undefined"],
  ];
  for (const [name, result, expected] of wrong) {
    assert.throws(() => ask({ [name]: () => result })[name]?.(), {
      message: `@aivillage/bakery: \`shops[0].${name}\` must return ${expected}`,
    });
  }
  assert.equal(ask({ open: () => false }).open?.(), false);
  assert.equal(ask({ name: () => undefined }).name?.(), undefined);
});

test("a function that is only notified may return a promise, whose rejection becomes one warning", async () => {
  const warned = once(process, "warning");
  const { onSold } = ask({ onSold: () => Promise.reject(new Error("the bell is broken")) });
  onSold?.();
  onSold?.();
  const [warning] = (await warned) as [Error & { code?: string }];
  assert.deepEqual([warning.message, warning.code], ["the bell is broken", "AIVILLAGE_OPTION_FAILED"]);
});

test("a function that is only notified may be async, and its rejection is a process warning", async () => {
  interface Notified {
    onSold?: (count: number) => void;
  }
  const warned = once(process, "warning");
  const { onSold } = readOptions<Notified, { onSold: ReturnType<typeof option.notified<(count: number) => void>> }>(
    "@aivillage/bakery",
    {
      onSold: async (count) => {
        throw new Error(`the till is stuck at ${count}`);
      },
    },
    { onSold: option.notified<(count: number) => void>(() => undefined) },
  );
  onSold(7);
  const [{ message, code }] = (await warned) as [Error & { code: string }];
  assert.deepEqual([message, code], ["the till is stuck at 7", "AIVILLAGE_OPTION_FAILED"]);
});
