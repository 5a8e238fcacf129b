/** A limit of the server's connections that was reached, and what became of it. */
export type ConnectionLimited =
  | {
      /** `address`: the connections of one client address; `total`: those of the process. */
      readonly limit: "address" | "total";
      /** `evicted`: an idle connection was closed for a new one; `refused`: the new one was closed. */
      readonly action: "evicted" | "refused";
    }
  | {
      /** Requests that wait on one connection for the responses before them. */
      readonly limit: "pipelining";
      /** The connection closes after the responses to those that wait. */
      readonly action: "closed";
    };
