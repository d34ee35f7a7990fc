/**
 * How Node's HTTP server is told to read. What it would allow by default, or by a flag in `NODE_OPTIONS`, is said here in
 * full.
 */
export const PARSING = {
  /** In bytes, the target and the trailers included; beyond is 431. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds from the first byte, or from the connection where none comes; beyond is 408. */
  headersTimeout: 10_000,
  /** How often, in milliseconds, both time limits are looked after. */
  connectionsCheckingInterval: 5000,
  // Node would refuse without our headers; `refuseOddRequests` does it with them.
  requireHostHeader: false,
  // Said here, --insecure-http-parser cannot be switched on from outside: bodies of two lengths are how requests are smuggled.
  insecureHTTPParser: false,
} as const

/** How long Fastify lets clients take. In milliseconds. */
export const PATIENCE = {
  /** For a whole request; beyond is 408. */
  requestTimeout: 15_000,
  /** Between any two bytes in either direction while a request is under way: a client that does not read is cut off. */
  connectionTimeout: 30_000,
  /** Between two requests: longer than the minute after which proxies let go, so that none sends into a closing door. */
  keepAliveTimeout: 72_000,
} as const
