import { clientNetworks } from "@aivillage/middleware";
import { ipKeyGenerator } from "express-rate-limit";

/**
 * The key of a client by its address: an IPv4 address itself, an IPv6 address as its /56 network.
 *
 * A /56 is what a provider gives one customer; by single addresses that customer would have 2^72 keys. IPv4 mapped into IPv6
 * counts as IPv4, and so does IPv4 translated into `64:ff9b::/96` (RFC 6052). No address gives the key `unknown`. Networks are written as express-rate-limit writes them.
 */
export const ipKey: (address: string | undefined) => string = clientNetworks((network) => ipKeyGenerator(network, 56));
