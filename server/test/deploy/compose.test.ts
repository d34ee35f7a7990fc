import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { BlockList } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeDirectory } from '../kit/server-process.ts'
import { ROOT, readCompose, readDockerfile, readDrainSeconds, readText, toSeconds, type Yaml } from './files.ts'
import { loadAsMounted } from './settings.ts'

const COMPOSE = readCompose()
const SERVICES: Readonly<Record<string, Yaml>> = COMPOSE.services
const LATCHKEYS = Object.values(SERVICES).filter(({ image }) => image.startsWith('latchkey:'))
const IS_ROOT = process.getuid?.() === 0

describe('compose.yaml', () => {
  it('has two Latchkeys, a proxy and PostgreSQL, each of one version', () => {
    assert.deepEqual(Object.keys(SERVICES), ['latchkey-1', 'latchkey-2', 'proxy', 'postgres'])
    for (const [name, { image }] of Object.entries(SERVICES)) assert.match(image, /:\d+(\.\d+)*(-[a-z]+)?$/, name)
    assert.equal(LATCHKEYS[0]?.image, `latchkey:${JSON.parse(readText('server/package.json')).version}`)
  })

  it('lets no container write to itself, gain rights, or run as root', () => {
    for (const [name, service] of Object.entries(SERVICES)) {
      assert.equal(service.read_only, true, name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.match(service.user, /^[1-9]\d*:[1-9]\d*$/, name)
    }
    for (const { user } of LATCHKEYS) assert.equal(user, instruction('USER'))
  })

  it('gives Latchkey settings that it starts with', () => {
    for (const { environment } of LATCHKEYS) {
      const config = loadAsMounted(environment)
      assert.equal(config.port, Number(instruction('EXPOSE')))
      assert.equal(config.host, '0.0.0.0')
      assert.ok(config.databaseUrl.startsWith('postgres://latchkey@postgres:5432/'))
      assert.ok(config.publicUrl.startsWith('https://'))
      assert.ok(config.limits && config.secret !== null && config.databasePassword !== null)
    }
  })

  it('has Latchkey trust the proxy’s own address and no other', () => {
    const proxy = SERVICES.proxy.networks.edge.ipv4_address
    for (const { environment } of LATCHKEYS) assert.deepEqual(loadAsMounted(environment).trustedProxies, [proxy])
  })

  it('gives the proxy and every Latchkey the address that others know them by', () => {
    const [address = '', prefix] = COMPOSE.networks.edge.ipam.config[0].subnet.split('/')
    const subnet = new BlockList()
    subnet.addSubnet(address, Number(prefix), 'ipv4')
    const addresses = [...LATCHKEYS, SERVICES.proxy].map(({ networks }) => networks.edge.ipv4_address)
    for (const each of addresses) assert.ok(subnet.check(each), each)
    assert.equal(new Set(addresses).size, addresses.length)
    const groups = [...readText('deploy/nginx.conf').matchAll(/upstream \w+ \{([^}]*)\}/g)]
    assert.equal(groups.length, 2)
    for (const [, group = ''] of groups) {
      assert.deepEqual(
        [...group.matchAll(/^\s*server (\S+) /gm)].map(([, server]) => server),
        LATCHKEYS.map(({ networks }) => `${networks.edge.ipv4_address}:${instruction('EXPOSE')}`),
      )
    }
  })

  it('lets the proxy alone be reached from outside, and PostgreSQL by Latchkey alone', () => {
    const published = Object.entries(SERVICES).filter(([, { ports }]) => ports !== undefined)
    assert.deepEqual(
      published.map(([name]) => name),
      ['proxy'],
    )
    assert.deepEqual(SERVICES.proxy.ports, ['0.0.0.0:443:8443'])
    assert.match(readText('deploy/nginx.conf'), /listen 8443 ssl;/)
    assert.equal(COMPOSE.networks.database.internal, true)
    assert.deepEqual(Object.keys(SERVICES.postgres.networks), ['database'])
    assert.deepEqual(Object.keys(SERVICES.proxy.networks), ['edge'])
  })

  it('gives whoever is asked to stop longer than the drain takes', () => {
    for (const service of [...LATCHKEYS, SERVICES.proxy]) {
      assert.ok(toSeconds(service.stop_grace_period) > readDrainSeconds() + 5)
    }
  })

  it('starts Latchkey after PostgreSQL and the proxy after Latchkey, and asks each for its health', () => {
    for (const { depends_on, healthcheck } of LATCHKEYS) {
      assert.equal(depends_on.postgres.condition, 'service_healthy')
      assert.deepEqual(healthcheck.test, ['CMD', 'node', 'deploy/healthcheck.mjs'])
    }
    assert.deepEqual(Object.keys(SERVICES.proxy.depends_on), ['latchkey-1', 'latchkey-2'])
    assert.equal(SERVICES.postgres.healthcheck.test[1], 'pg_isready')
  })

  it('gives Latchkey whole processors, as it hashes on as many threads as there are', () => {
    for (const { cpus } of LATCHKEYS) assert.ok(Number.isInteger(cpus) && cpus >= 1)
  })

  it('mounts files that are there', () => {
    for (const { volumes = [] } of Object.values(SERVICES)) {
      const [mounted = []] = [volumes.filter((volume: string) => volume.startsWith('./'))]
      for (const volume of mounted) {
        const [path = '', , mode] = volume.split(':')
        assert.equal(mode, 'ro')
        if (path !== './certificates') assert.ok(existsSync(join(ROOT, 'deploy', path)), path)
      }
    }
  })

  it('mounts each secret to the path where it is looked for', () => {
    const wanted = (path: string) => path.replace('/run/secrets/', '')
    for (const { secrets, environment } of LATCHKEYS) {
      const paths = [environment.LATCHKEY_SECRET_FILE, environment.LATCHKEY_DATABASE_PASSWORD_FILE]
      assert.deepEqual(paths.map(wanted), secrets)
    }
    const { secrets, environment } = SERVICES.postgres
    const sql = /cat (\S+)`/.exec(readText('deploy/postgres/10-latchkey.sql'))?.[1] ?? ''
    assert.deepEqual([environment.POSTGRES_PASSWORD_FILE, sql].map(wanted), secrets)
    for (const name of secrets) assert.equal(COMPOSE.secrets[name].file, `./secrets/${name}`)
  })
})

describe('make-secrets.sh', { skip: IS_ROOT ? false : 'only root may give files away: run the tests as root' }, () => {
  it('makes every secret of compose.yaml for the one user that reads it, and keeps what is there', () => {
    const directory = join(makeDirectory(), 'secrets')
    const make = () => execFileSync('sh', [join(ROOT, 'deploy/make-secrets.sh'), directory])
    make()
    const read = (name: string) => readFileSync(join(directory, name), 'utf8')
    const made = Object.keys(COMPOSE.secrets).map((name) => ({ name, text: read(name) }))
    for (const { secrets, user } of Object.values(SERVICES)) {
      for (const name of secrets ?? []) {
        const { mode, uid } = statSync(join(directory, name))
        assert.deepEqual({ name, mode: mode & 0o777, uid }, { name, mode: 0o400, uid: Number(user.split(':')[0]) })
      }
    }
    assert.equal(read('latchkey-database-password'), read('postgres-latchkey-password'))
    assert.equal(new Set(made.map(({ text }) => text)).size, made.length - 1)
    make()
    assert.deepEqual(
      Object.keys(COMPOSE.secrets).map((name) => ({ name, text: read(name) })),
      made,
    )
  })

  it('says how to run it to whoever is not root, and makes nothing', () => {
    const directory = join(makeDirectory(), 'secrets')
    const script = readText('deploy/make-secrets.sh')
    const { status, stderr } = spawnSync('sh', ['-s', directory], { input: script, uid: 65534, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /Run: sudo sh /)
    assert.ok(!existsSync(directory))
  })
})

function instruction(wanted: string): string {
  return readDockerfile().find(({ name }) => name === wanted)?.rest ?? ''
}
