export const penaltiesUsage = `Usage: aivillage-gateway penalties COMMAND [options]

Commands:
  list            list the clients that are under a penalty, why, and for how many seconds more
  lift CLIENT...  end the penalties of these clients in all gateways, and forget them

Options:
  --config FILE  YAML file; default: the environment variable CONFIG_FILE
  --json         print JSON
  --help         this text

CLIENT is one of
  an IPv4 or IPv6 address: all clients there, with and without a key; IPv6 stands for its /56 network
  a principal, key:ID or jwt:SUBJECT: its clients at every address
  both in one argument, "key:ada 192.0.2.1": that client alone
Penalties are looked up in Redis, with the configuration of the gateway: REDIS_URL must be set.

Exit codes: 0 done; 1 it could not be done; 2 the command line is wrong.
`;
