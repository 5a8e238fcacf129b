const withPort = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/;

/**
 * An address as some proxies and hosts report it, such as `192.0.2.1:50123` or `[2001:db8::1]:443`, without brackets and port; any other
 * text as it is. With the port, every connection would be another client.
 */
export function withoutPort(text: string): string {
  const [, bracketed, bare] = withPort.exec(text) ?? [];
  return bracketed ?? bare ?? text;
}
