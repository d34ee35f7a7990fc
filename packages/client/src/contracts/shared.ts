import { type Check, isText, shape } from '../check.ts'

export type MessageReply = { readonly message: string }
export type DetailReply = { readonly detail: string }

export const isMessage: Check<MessageReply> = shape({ message: isText })
export const isDetail: Check<DetailReply> = shape({ detail: isText })

/** An answer without a body. */
export function isNothing(json: unknown): json is undefined {
  return json === undefined
}
