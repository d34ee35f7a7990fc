import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Fastify from 'fastify'
import { LOCAL } from '../../test/kit/clients.ts'
import type { Contract, ErrorReplies, Path, WireRequest } from './contract.ts'
import { describeSites } from './describe-sites.ts'
import { mount } from './mount.ts'
import { chooseResident, layOut } from './site.ts'

/** A contract that answers with its name, and refuses with its name and the code. */
function contract(name: string, paths: readonly Partial<Path>[], change: Partial<Contract> = {}): Contract {
  const errors = new Proxy({} as ErrorReplies, {
    get: (_, code) => () => ({ status: 400, body: { refusedBy: name, code: String(code) } }),
  })
  return {
    name,
    hasOwnPlace: true,
    isCaseSensitive: true,
    prefixes: [`/${name}-api/`],
    errors,
    paths: paths.map((path) => ({
      path: '/login/',
      methods: ['POST'],
      answer: async () => ({ status: 200, body: { answeredBy: name } }),
      ...path,
    })),
    ...change,
  }
}

const says = (name: string) => (request: WireRequest) =>
  request.headers['x-for'] === name || request.headers['x-for'] === 'both'
const shared = [contract('a', [{ recognises: says('a') }]), contract('b', [{ recognises: says('b') }])]

describe('layOut', () => {
  it('answers below a path that says so, with any segments and slashes, unless another path is there', () => {
    const paths = [{ path: '/above', answersBelow: true }, { path: '/above/other' }, { path: '/plain' }]
    const map = layOut([contract('a', paths, { hasOwnPlace: false })], 'a')
    const found = (path: string) => map.find(path)?.path ?? null
    for (const path of ['/above', '/above/', '/above/b', '/above/b/c/', '/above//', '/above/other/d']) {
      assert.equal(found(path), '/above', path)
    }
    assert.equal(found('/above/other/'), '/above/other')
    for (const path of ['/aboveb', '/Above/b', '/plain/b', '/x/above/b']) assert.equal(found(path), null, path)
  })

  it('refuses two contracts on one path when one of them has no rule, in a sentence that names it', () => {
    const sentence =
      'a and b both answer at /login, and b does not say how it recognises its requests: serve only one of them (LATCHKEY_CONTRACTS), or give it a rule.'
    const [a] = shared
    assert.ok(a !== undefined)
    assert.throws(() => layOut([a, contract('b', [{}])], 'a'), { message: sentence })
    assert.throws(() => layOut([contract('a', [{}]), contract('b', [{}])], 'a'), { message: /^a and b both answer/ })
    assert.throws(() => layOut([a, contract('b', [{ path: '/login' }])], 'a'), { message: sentence })
  })

  it('refuses to serve nothing at all', () => {
    assert.throws(() => layOut([], 'a'), { message: /^No contract is served/ })
  })

  it('gives each contract its documented paths and its own place, with and without the slash', () => {
    const map = layOut(shared, 'b')
    assert.deepEqual(
      map.sites.map(({ path, isDocumented, residents }) => [path, isDocumented, residents.map((r) => r.contract.name)]),
      [
        ['/login', true, ['b', 'a']],
        ['/b/login', false, ['b']],
        ['/a/login', false, ['a']],
      ],
    )
    assert.equal(map.find('/login/'), map.find('/login'))
    assert.equal(map.find('/login//'), null)
    assert.equal(map.find('/LOGIN'), null)
    assert.equal(map.find('/'), null)
  })

  it('folds letters for a contract whose stack does, and for no other', () => {
    const map = layOut([contract('a', [{}], { isCaseSensitive: false }), contract('b', [{ path: '/other' }])], 'a')
    assert.equal(map.find('/LogIn/')?.path, '/login')
    assert.equal(map.find('/OTHER'), null)
  })

  it('has a voice for every path: by its beginning, else that of the fallback', () => {
    const map = layOut(shared, 'b')
    assert.equal(map.voiceOf('/a/nothing').name, 'a')
    assert.equal(map.voiceOf('/A-API/nothing').name, 'a')
    assert.equal(map.voiceOf('/b-api/nothing').name, 'b')
    for (const path of ['/', '', '/nothing', '//a/', '/aa/']) assert.equal(map.voiceOf(path).name, 'b', path)
  })
})

describe('chooseResident', () => {
  const request = (whose: string): WireRequest => ({
    method: 'POST',
    path: '/login',
    query: '',
    headers: { 'x-for': whose },
    body: Buffer.alloc(0),
    client: LOCAL,
  })
  const site = layOut(shared, 'b').find('/login')

  for (const [whose, name, isAmbiguous] of [
    ['a', 'a', false],
    ['b', 'b', false],
    ['nobody', 'b', false],
    ['both', 'b', true],
  ] as const) {
    it(`gives what ${whose === 'both' ? 'both recognise' : `is for ${whose}`} to ${name}`, async () => {
      assert.ok(site !== null)
      const chosen = await chooseResident(site, request(whose))
      assert.equal(chosen.resident.contract.name, name)
      assert.equal(chosen.isAmbiguous, isAmbiguous)
    })
  }
})

describe('mount', () => {
  async function serve(contracts: readonly Contract[], fallback = 'a') {
    const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } })
    const sites = mount(app, contracts, { fallback, isOverloaded: () => false })
    await app.ready()
    const ask = async (url: string, whose = '', method: 'POST' | 'GET' = 'POST') =>
      (await app.inject({ method, url, headers: { 'x-for': whose } })).json()
    return { ask, sites }
  }

  it('answers a shared path by who recognises the request, and refuses what both do', async () => {
    const { ask } = await serve(shared)
    assert.deepEqual(await ask('/login', 'b'), { answeredBy: 'b' })
    assert.deepEqual(await ask('/login/', 'a'), { answeredBy: 'a' })
    assert.deepEqual(await ask('/login', 'nobody'), { answeredBy: 'a' })
    assert.deepEqual(await ask('/login', 'both'), { refusedBy: 'a', code: 'ambiguous_request' })
    assert.deepEqual(await ask('/b/login', 'both'), { answeredBy: 'b' })
    assert.deepEqual(await ask('/b-api/nothing'), { refusedBy: 'b', code: 'not_found' })
  })

  it('answers what nobody expected with the fault of the contract that it happened in', async () => {
    const broken = contract('b', [{ path: '/broken', answer: () => Promise.reject(new TypeError('a bug')) }])
    const { ask } = await serve([contract('a', [{}]), broken])
    assert.deepEqual(await ask('/broken'), { refusedBy: 'b', code: 'server_error' })
  })

  it('lists for people what is mounted where', async () => {
    const { sites } = await serve(shared)
    const lines = describeSites(sites)
    assert.match(lines[0] ?? '', /^a or b +\/login\/ +POST$/)
    assert.equal(lines.at(-1), 'each contract by itself: /a/…  /b/…')
  })
})
