import type { Path, WireRequest } from '../../http/contract.ts'
import { header } from '../../http/header.ts'
import { TransportError } from '../../http/transport-error.ts'
import type { Field } from './fields.ts'
import { drfReply } from './replies.ts'

/** A DRF view: one path, what it does for each method, and how it describes itself. */
export type View<Access> = {
  readonly path: string
  /** What OPTIONS calls it. */
  readonly name: string
  readonly description?: string
  /** Who may ask. It is found out before the method is looked at; a view without it is public. */
  readonly authenticate?: (request: WireRequest) => Promise<Access>
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH', Action<Access>>>>
  readonly recognises?: Path['recognises']
  readonly hashes?: Path['hashes']
}

/** What a view answers; the manner adds its headers. */
export type ViewReply = { readonly status: number; readonly body: unknown }

type Action<Access> = {
  /** What OPTIONS says can be sent; a view without a serializer says nothing of it. */
  readonly fields?: Readonly<Record<string, Field<unknown> | ReadOnlyField>>
  readonly handle: (request: WireRequest, access: Access) => Promise<ViewReply>
}

/** A field that is only ever in replies; OPTIONS lists it with the others. */
export type ReadOnlyField = { readonly isReadOnly: true; readonly metadata: Readonly<Record<string, string | number>> }

/** A field of replies only; `label` where its name does not make one. */
export function readOnlyField(type: string, label?: string): ReadOnlyField {
  return { isReadOnly: true, metadata: { type, ...(label === undefined ? {} : { label }) } }
}

/** The order in which Django lists methods. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH'] as const

/** Makes a path of a view. What is judged first is DRF's order: Accept, credentials, method, body. */
export function drfPath<Access = undefined>(view: View<Access>): Path {
  const actions = METHODS.filter((method) => view.methods[method] !== undefined)
  const methods = [...actions, ...(view.methods.GET === undefined ? [] : ['HEAD']), 'OPTIONS']
  return {
    path: view.path,
    methods,
    ...(view.recognises === undefined ? {} : { recognises: view.recognises }),
    hashes: view.hashes ?? false,
    async answer(request) {
      if (!acceptsJson(header(request, 'accept'))) throw new TransportError('not_acceptable')
      const access = (await view.authenticate?.(request)) as Access
      if (request.method === 'OPTIONS') return drfReply(methods, 200, describe(view))
      const method = METHODS.find((method) => method === (request.method === 'HEAD' ? 'GET' : request.method))
      const action = method === undefined ? undefined : view.methods[method]
      if (action === undefined) throw new TransportError('method_not_allowed')
      const { status, body } = await action.handle(request, access)
      return drfReply(methods, status, body)
    },
  }
}

/** DRF's metadata object. */
function describe<Access>({ name, description = '', methods }: View<Access>): Readonly<Record<string, unknown>> {
  const actions = (['POST', 'PUT'] as const).flatMap((method) => {
    const fields = methods[method]?.fields
    return fields === undefined ? [] : [[method, describeFields(fields)] as const]
  })
  return {
    name,
    description,
    renders: ['application/json'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ...(actions.length === 0 ? {} : { actions: Object.fromEntries(actions) }),
  }
}

function describeFields(fields: NonNullable<Action<unknown>['fields']>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const { type, ...limits } = field.metadata
      const isReadOnly = 'isReadOnly' in field
      const required = !isReadOnly && field.isRequired
      return [name, { type, required, read_only: isReadOnly, label: labelOf(name), ...limits }]
    }),
  )
}

/** `first_name` is labelled "First name"; an id is an abbreviation. */
function labelOf(name: string): string {
  if (name === 'id' || name === 'pk') return 'ID'
  const words = name.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/**
 * Whether a client takes JSON (RFC 9110, 12.5.1, as DRF reads it: quality values are not weighed). Browsers' `text/html`
 * gets JSON too: there is nothing else.
 */
function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined) return true
  return accept.split(',').some((range) => {
    const [type = '', subtype] = (range.split(';')[0] ?? '').trim().toLowerCase().split('/')
    if (type === 'text' && subtype === 'html') return true
    return (type === '*' || type === 'application') && (subtype === '*' || subtype === 'json')
  })
}
