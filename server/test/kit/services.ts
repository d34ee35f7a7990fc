import assert from 'node:assert/strict'
import type { Core } from '../../src/core/core.ts'
import type { TestApp } from './start-test-app.ts'
import { send, type WireAnswer } from './wire.ts'

/** A registered service with the secret that it was given. */
export type Service = { readonly id: string; readonly secret: string }

let count = 0

/** Registers a service under a name that no other has. */
export async function makeService(
  { administration }: Pick<Core, 'administration'>,
  { mayRevoke = false }: { mayRevoke?: boolean } = {},
): Promise<Service> {
  const made = await administration.createServiceClient({ name: `service-${++count}`, mayRevoke })
  assert.ok(made !== null)
  return { id: made.client.id, secret: made.secret }
}

/** How a service says who it is: each part is encoded as in a form (RFC 6749, 2.3.1). */
export function writeBasic({ id, secret }: Service): string {
  const [user, password] = [id, secret].map((part) => new URLSearchParams([['', part]]).toString().slice(1))
  return `Basic ${btoa(`${user}:${password}`)}`
}

/** Posts a form as a service. */
export function postForm(
  test: Pick<TestApp, 'app'>,
  path: string,
  { service, ...fields }: { service?: Service } & { readonly [field: string]: Service | string | undefined },
): Promise<WireAnswer> {
  const form = Object.entries(fields).map(([name, value]) => [name, String(value)])
  return send(test, {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(service === undefined ? {} : { authorization: writeBasic(service) }),
    },
    body: new URLSearchParams(form).toString(),
  })
}
