import { runCommand } from './cli/run-command.ts'

/** Whoever reads the output may stop early (`latchkey accounts list | head`): that is no error. */
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
})
