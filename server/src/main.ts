import { runCommand } from './cli/run-command.ts'

/** Whoever reads the output may stop early (`latchkey accounts list | head`): that is no error. A full disk is one. */
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') return
  process.stderr.write(`latchkey: the output could not be written: ${error.message}\n`)
  process.exit(1)
})

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
})
