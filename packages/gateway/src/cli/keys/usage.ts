export const keysUsage = `Usage: aivillage-gateway keys COMMAND [options]

Commands:
  create ID      make a key for the client ID and print it; it is shown only this once
  list           list the keys, without the keys themselves
  revoke WHICH   refuse a key from now on: its key id, or the ID of a client for all its keys
  rotate WHICH   make a new key in place of one; the old one stays valid for the overlap
  verify         read a key from standard input and say whether it would be accepted

Options:
  --file FILE         the keys file; default: the environment variable API_KEYS_FILE
  --json              print JSON
  --name TEXT         create: a name for people
  --tier TIER         create: default authenticated
  --scope SCOPE       create: may be repeated; default: all
  --address CIDR      create: where it may be used from, may be repeated; verify: where it is used from
  --not-before WHEN   create: valid from then on
  --expires WHEN      create, rotate: valid until then, or "never"
  --prefix PREFIX     create, rotate: first part of the key; default aiv
  --overlap TIME      rotate: how long the old key stays valid; default 24h
  --help              this text

TIME is a number with s, m, h or d. WHEN is a TIME from now, or an instant such as 2030-01-31T00:00:00Z.

Exit codes: 0 done, or the key is valid; 1 it could not be done; 2 the command line is wrong; 3 the key is not valid.
`;
