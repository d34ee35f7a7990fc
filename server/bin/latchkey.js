#!/usr/bin/env node
// Any Node since version 12 must be able to read this file, so that an old one gets a sentence and not a stack.

const OLDEST = { major: 24, minor: 12 }

function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number)
  return major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)
}

/** Passwords are hashed on libuv's threads: one for each core, and some over for files and names. It reads this once. */
function sizeThreadPool() {
  if (process.env.UV_THREADPOOL_SIZE) return
  const cores = process.getBuiltinModule('node:os').availableParallelism()
  process.env.UV_THREADPOOL_SIZE = String(Math.max(4, cores + 2))
}

/**
 * Takes away what a server never needs and somebody else might. In the process rather than by flags, so that it holds
 * however it is started; Node has no way to set these by flag from within.
 */
function harden() {
  // As --disable-proto=delete: nothing that comes from outside can reach a prototype by name.
  Reflect.deleteProperty(Object.prototype, '__proto__')
  // As --disable-sigusr1: the signal would open a debugger to every user of the machine.
  process.on('SIGUSR1', () => {})
  // Should an operator turn diagnostic reports on: the environment may hold the secret and the database's password.
  if (process.report) process.report.excludeEnv = true
}

/** Node 24 calls its SQLite experimental at every start. That is known here; every other warning is shown. */
function silenceSqliteWarning() {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' && rest[0] !== null ? rest[0].type : rest[0]
    if (type !== 'ExperimentalWarning' || !/^SQLite /.test(String(warning))) {
      emitWarning.call(process, warning, ...rest)
    }
  }
}

/**
 * Keeps the compiled code for the next start, which then takes half as long. It lies with the installed packages, where
 * whoever could change it could change the code itself; where that cannot be written to, nothing is kept.
 */
function keepCompiledCode() {
  const { enableCompileCache, flushCompileCache } = process.getBuiltinModule('node:module')
  const { fileURLToPath } = process.getBuiltinModule('node:url')
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url)))
  setTimeout(flushCompileCache, 2000).unref()
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `Latchkey, a self-hosted authentication server, needs Node ${OLDEST.major}.${OLDEST.minor} or newer and this is ` +
      `${process.versions.node}: \`npm start\` and \`npm run latchkey -- COMMAND\` in its repository bring their own.\n`,
  )
  process.exitCode = 1
} else {
  harden()
  sizeThreadPool()
  keepCompiledCode()
  silenceSqliteWarning()
  import('../src/main.ts').catch((error) => {
    process.stderr.write(`latchkey: ${error instanceof Error ? error.stack : error}\n`)
    process.exitCode = 1
  })
}
