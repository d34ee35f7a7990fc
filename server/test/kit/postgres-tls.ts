import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from './server-process.ts'

/** A certificate and its private key: in PEM, and as files. */
export type Certificate = {
  readonly certificate: string
  readonly key: string
  readonly certificateFile: string
  readonly keyFile: string
}

/** Somebody who signs certificates. */
export type Authority = {
  /** Its own certificate, as a file: what `sslrootcert` names. */
  readonly file: string
  /** Its own certificate, in PEM. */
  readonly certificate: string
  /** Makes a certificate for a name, good for the hosts given. */
  issue(name: string, hosts?: readonly string[]): Certificate
}

/** Settings of a PostgreSQL server that has the files of `filesFor`. */
export const TLS_SETTINGS: Readonly<Record<string, string>> = {
  ssl: 'on',
  ssl_cert_file: 'tls.pem',
  ssl_key_file: 'tls.key',
  ssl_ca_file: 'authority.pem',
}

/** The files that a PostgreSQL server needs for TLS. */
export function filesFor(authority: Authority, { certificate, key }: Certificate): Readonly<Record<string, string>> {
  return { 'tls.pem': certificate, 'tls.key': key, 'authority.pem': authority.certificate }
}

/** Makes an authority of the test's own, with the `openssl` of the machine. */
export function makeAuthority(name: string): Authority {
  const directory = makeDirectory()
  const own = create(directory, name, ['-addext', 'basicConstraints=critical,CA:TRUE'])
  return {
    file: own.certificateFile,
    certificate: own.certificate,
    issue: (subject, hosts = []) =>
      create(makeDirectory(), subject, [
        ...['-CA', own.certificateFile, '-CAkey', own.keyFile],
        ...['-addext', 'basicConstraints=critical,CA:FALSE'],
        ...(hosts.length === 0 ? [] : ['-addext', `subjectAltName=${hosts.join(',')}`]),
      ]),
  }
}

function create(directory: string, name: string, options: readonly string[]): Certificate {
  const [certificateFile, keyFile] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')]
  const configFile = join(directory, 'openssl.cnf')
  // The machine's own configuration would add extensions of its own.
  writeFileSync(configFile, '[req]\ndistinguished_name=name\nprompt=no\n[name]\nCN=overridden\n')
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-config', configFile, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'],
      ...['-days', '2', '-subj', `/CN=${name}`, '-out', certificateFile, '-keyout', keyFile],
      ...options,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return {
    certificate: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    certificateFile,
    keyFile,
  }
}
