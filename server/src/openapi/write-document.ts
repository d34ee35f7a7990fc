import type { DoorDescription } from '../http/operation.ts'
import { createComponents } from './components.ts'
import { type Document, METHODS, type PathItem, type Server } from './document.ts'
import { chooseExamples, type Example, readExamples } from './read-examples.ts'
import { type Meaning, SECURITY_SCHEMES, writeOperation } from './write-operation.ts'

/** A door, and whether `/<name>/…` is a second place where it answers. */
export type DescribedDoor = DoorDescription & { readonly hasOwnPlace: boolean }

const INTRODUCTION = [
  'Every contract answers at its documented paths, and once more under `/<contract>/…`, where no other contract does: the servers of a path say where. A path that contracts share has both meanings, and once more each by itself.',
  'Every path is answered with and without its trailing slash. A live token of any contract is taken wherever a token is asked for, under `Bearer` or `Token`. A path that is not there is a 404 and a method that means nothing a 405 (a 404 at the paths of `express-jwt` and of `server`; where a token is needed, a 401 comes first), in the voice of whose path it is. A body of more than 16 KiB is a 413, also where none is asked for.',
  'Examples are run as tests; in them, `{{key}}` and the like stand for tokens of earlier replies. Each reply has the request that it answers as `x-request`.',
].join('\n\n')

/**
 * Writes the OpenAPI document of everything that is served.
 *
 * @param options.fallback the door that is asked first where several share a path.
 * @param options.publicUrl the origin at which clients reach the server.
 */
export function writeDocument(
  doors: readonly DescribedDoor[],
  { publicUrl, version, fallback }: { publicUrl: string; version: string; fallback: string },
): Document {
  const components = createComponents()
  // Contracts alone have files of examples, and places of their own.
  const examples = new Map(doors.map(({ name, hasOwnPlace }) => [name, hasOwnPlace ? readExamples(name) : []]))
  const paths: Record<string, PathItem> = {}
  for (const path of new Set(doors.flatMap(({ operations }) => Object.keys(operations)))) {
    const residents = doors
      .filter(({ operations }) => operations[path] !== undefined)
      .toSorted((a, b) => Number(b.name === fallback) - Number(a.name === fallback))
    const [first] = residents
    const isShared = residents.length > 1
    const servers: Server[] = [{ url: publicUrl }]
    if (!isShared && first?.hasOwnPlace) servers.push(placeOf(first, publicUrl))
    paths[path] = { ...(servers.length === 1 ? {} : { servers }), ...writePath(path, path, residents) }
    for (const door of residents) {
      if (isShared && door.hasOwnPlace) paths[`/${door.name}${path}`] = writePath(`/${door.name}${path}`, path, [door])
    }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Latchkey', version, description: INTRODUCTION },
    servers: [{ url: publicUrl }],
    tags: doors.map(({ name, description }) => ({ name, description })),
    paths,
    components: { schemas: components.schemas, responses: components.responses, securitySchemes: SECURITY_SCHEMES },
  }

  function writePath(place: string, path: string, residents: readonly DoorDescription[]): PathItem {
    const written = METHODS.flatMap((name) => {
      const method = name.toUpperCase()
      const [first, ...others] = residents.flatMap((door) => toMeaning(door, path, method, examples.get(door.name)))
      if (first === undefined) return []
      return [[name, writeOperation([first, ...others], { id: nameOperation(method, place), components })] as const]
    })
    return Object.fromEntries(written)
  }
}

function toMeaning(
  door: DoorDescription,
  path: string,
  method: string,
  examples: readonly Example[] = [],
): readonly Meaning[] {
  const operation = door.operations[path]?.[method]
  return operation === undefined ? [] : [{ door, operation, examples: chooseExamples(examples, { path, method }) }]
}

function placeOf({ name }: DoorDescription, publicUrl: string): Server {
  return { url: `${publicUrl}/${name}`, description: `The same, in the place of ${name} alone.` }
}

/** `POST /api/users/login/` is `postApiUsersLogin`. */
function nameOperation(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const named = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return `${method.toLowerCase()}${named.join('')}`
}
