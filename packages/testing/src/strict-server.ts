import { once } from "node:events";
import { createServer, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** The status of a HEAD from a server that does not allow a handler to write any content then; an error if the connection is cut. */
export async function headFromStrictServer(listener: RequestListener): Promise<number | undefined> {
  const server = createServer({ rejectNonStandardBodyWrites: true }, listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const sent = request({ port, host: "127.0.0.1", method: "HEAD", agent: false }, (res) => resolve(res.resume().statusCode));
      sent.on("error", reject).end();
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
