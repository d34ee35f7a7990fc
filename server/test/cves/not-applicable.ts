/** A hole that cannot be here, because what it was in is not here. */
export type NotApplicable = { readonly name: string; readonly happened: string; readonly because: string }

/** Whoever adds the feature moves its line to the tests. */
export const NOT_APPLICABLE: readonly NotApplicable[] = [
  {
    name: 'CVE-2022-23529, jsonwebtoken',
    happened:
      'A key that is an object of the caller’s, with a method of its own, was run while a token was checked. The CVE was later withdrawn: whoever can pass such an object already runs code.',
    because: 'A key comes from our own store, as a JWK that is parsed from text; no request can name one.',
  },
  {
    name: 'CVE-2025-56200, validator.js',
    happened:
      '`isURL` took a text up to `://` as the protocol where browsers take it up to the `:`, so checked URLs could run script.',
    because: 'Of validator.js only `isEmail` is used. No request can hand in a URL.',
  },
  {
    name: 'CVE-2026-31813, Supabase Auth',
    happened: 'An ID token from an issuer of the attacker’s own opened a session of whoever had the address in it.',
    because: 'There is no signing in through other providers.',
  },
  {
    name: 'GHSA-cq3f-vc6p-68fh, Better Auth',
    happened: 'Any signed-in person could approve a device code that was waiting for somebody else.',
    because: 'There is no device authorisation.',
  },
  {
    name: 'Login CSRF',
    happened:
      'A page of the attacker’s signs its visitor in to the attacker’s account, whose cookie the browser then sends along.',
    because:
      'Nothing sets a cookie and none is read: see the test of cookies above. A page of another origin cannot read the answer with the token.',
  },
  {
    name: 'Open redirects and `redirect_uri` holes',
    happened: 'A code or token was sent to an address that the request named.',
    because: 'Nothing redirects, and no request names an address to be sent to.',
  },
]
