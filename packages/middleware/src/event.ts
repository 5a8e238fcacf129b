import { channel } from "node:diagnostics_channel";

/** A typed `node:diagnostics_channel`. */
export interface Event<T> {
  readonly name: string;
  /** True while somebody listens. Ask it before building a message, so that an event without subscribers costs nothing. */
  readonly hasSubscribers: boolean;
  /** Notifies all listeners, synchronously. */
  publish(message: T): void;
  /** Adds a listener and returns the function that removes it. A listener that throws ends the process: it must not. */
  subscribe(listener: (message: T) => void): () => void;
}

/**
 * Declares an event.
 *
 * An event only reports that something happened; options decide what happens.
 *
 * @param name `aivillage:<package>:<past tense>`, also the name of the channel for listeners that do not use this package
 */
export function event<T>(name: string): Event<T> {
  const source = channel(name);
  return {
    name,
    get hasSubscribers() {
      return source.hasSubscribers;
    },
    publish: (message) => source.publish(message),
    subscribe(listener) {
      const onMessage = (message: unknown): void => listener(message as T);
      source.subscribe(onMessage);
      return () => {
        source.unsubscribe(onMessage);
      };
    },
  };
}
