/** Preloaded into a gateway: prints every span as it ends, and throws what nobody catches on SIGALRM. */
import { ConsoleSpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] }).register();

process.on("SIGALRM", () => {
  throw new Error("a problem of the program");
});
