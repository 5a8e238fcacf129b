/** Where the operator's own listener is. */
export interface AdminConfig {
  /** Address of the admin listener. */
  host: string;
  /** Its TCP port; 0 for none. */
  port: number;
  /** Path of its Unix socket; empty for none. */
  socket: string;
  /** Whether the console shortens addresses of clients. */
  anonymise: boolean;
}
