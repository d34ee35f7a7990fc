import type { WireReply } from './contract.ts'

/** Writes a reply about something once, for as long as anybody holds that thing. */
export function writeOnce<About extends object>(write: (about: About) => WireReply): (about: About) => WireReply {
  const replies = new WeakMap<About, WireReply>()
  return (about) => {
    const known = replies.get(about)
    if (known !== undefined) return known
    const reply = write(about)
    replies.set(about, reply)
    return reply
  }
}
