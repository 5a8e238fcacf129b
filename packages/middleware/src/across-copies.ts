/**
 * Lets `instanceof` recognise the instances of every copy of a class in the process.
 *
 * A program that imports a package while one of its libraries requires it loads the package twice, as ES modules and as CommonJS modules. Use
 * it for classes whose instances users may create in one copy and hand to the other, and only rely on their public members afterwards.
 *
 * @param name package and class, such as `@aivillage/api-key-auth.KeyRing`
 */
export function recogniseAcrossCopies(ofClass: abstract new (...args: never[]) => object, name: string): void {
  const mark = Symbol.for(name);
  Object.defineProperty(ofClass.prototype, mark, { value: true });
  Object.defineProperty(ofClass, Symbol.hasInstance, {
    value(this: unknown, value: unknown) {
      if (this === ofClass) return (typeof value === "object" || typeof value === "function") && value !== null && mark in value;
      // Subclasses inherit this method and keep the usual meaning.
      return Function.prototype[Symbol.hasInstance].call(this, value);
    },
  });
}

/**
 * State that all copies of a package in the process share, kept on `globalThis` under `Symbol.for(name)`.
 *
 * @param name package and state, such as `@aivillage/metrics.collecting`
 */
export function processState<T extends object>(name: string, initial: T): T {
  const key = Symbol.for(name);
  const states: typeof globalThis & { [key]?: T } = globalThis;
  return (states[key] ??= initial);
}
