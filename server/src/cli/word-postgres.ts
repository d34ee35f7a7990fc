import { quoteForShell } from '../config/quote-for-shell.ts'

/** How a PostgreSQL database is backed up, as Latchkey does not do it itself. */
export function wordPostgresBackup(databaseUrl: string, file: string): string {
  return [
    'this database is on PostgreSQL, which is backed up with its own tools. For what is in it now:',
    '',
    '  umask 077',
    `  pg_dump --format=custom --file=${quoteForShell(file)} --dbname=${nameServer(databaseUrl)}`,
    '',
    ...wordAuthorities(databaseUrl),
    'The password is asked for, or comes from ~/.pgpass. To be able to go back to any moment (PITR), archive its',
    'write-ahead log. docs/backup.md has both. Keep LATCHKEY_SECRET too, apart from the backup: it opens the signing keys.',
  ].join('\n')
}

/** How a backup of a PostgreSQL database is restored: by one transaction, and then as after every restore. */
export function wordPostgresRestore(databaseUrl: string, file: string): string {
  const script = quoteForShell(`${file}.sql`)
  return [
    'this database is on PostgreSQL, which is restored with its own tools. Stop every Latchkey, then:',
    '',
    '  umask 077',
    `  pg_restore --no-owner --file=${script} ${quoteForShell(file)} &&`,
    `  psql --quiet --single-transaction --set=ON_ERROR_STOP=1 --output=/dev/null --dbname=${nameServer(databaseUrl)} \\`,
    "    -c 'drop schema public cascade' -c 'create schema public' \\",
    `    --file=${script} \\`,
    `    -c "${PASS_OVER_IDS}" &&`,
    '  npm run latchkey -- migrate && npm run latchkey -- sessions revoke --all --yes &&',
    `  rm ${script}`,
    '',
    ...wordAuthorities(databaseUrl),
    'It empties the schema public first, as the database may have tables that the backup does not know. The last lines end',
    'every session and one-time token, so that nothing which was revoked since the backup comes back: start no server before.',
    'docs/backup.md says what else to look after, and how to go back to any moment (PITR).',
  ].join('\n')
}

/** The ids of accounts that were made after the backup are not given again. */
const PASS_OVER_IDS =
  "select setval(pg_get_serial_sequence('public.accounts', 'id'), (select coalesce(max(id), 0) + 1000 from public.accounts))"

/** The URL for a shell, with a user and never with a password. */
function nameServer(databaseUrl: string): string {
  const url = databaseUrl.replace(/^([^:/?#]+:\/\/[^@/?#:]*):[^@/?#]*@/, '$1@')
  return quoteForShell(namesNoAuthorities(url) ? `${url}&sslrootcert=system` : url)
}

function wordAuthorities(databaseUrl: string): readonly string[] {
  return namesNoAuthorities(databaseUrl)
    ? ['sslrootcert=system needs the tools of PostgreSQL 16; with older ones, name the file of your authorities there.']
    : []
}

/** Latchkey then trusts the system's authorities; PostgreSQL's tools look for a file of their own. */
function namesNoAuthorities(url: string): boolean {
  return /[?&]sslmode=verify-full(&|$)/.test(url) && !/[?&]sslrootcert=/.test(url)
}
