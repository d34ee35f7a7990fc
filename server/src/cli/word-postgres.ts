import { quoteForShell } from '../config/quote-for-shell.ts'

/** How a PostgreSQL database is backed up, as Latchkey does not do it itself. */
export function wordPostgresBackup(databaseUrl: string, file: string): string {
  return [
    'this database is on PostgreSQL, which is backed up with its own tools. For what is in it now:',
    '',
    '  umask 077',
    `  pg_dump --format=custom --file=${quoteForShell(file)} --dbname=${nameServer(databaseUrl)}`,
    '',
    'The password is asked for, or comes from ~/.pgpass. To be able to go back to any moment (PITR), archive its',
    'write-ahead log. docs/backup.md has both. Keep LATCHKEY_SECRET too, apart from the backup: it opens the signing keys.',
  ].join('\n')
}

/** How a backup of a PostgreSQL database is restored. */
export function wordPostgresRestore(databaseUrl: string, file: string): string {
  return [
    'this database is on PostgreSQL, which is restored with its own tools. Stop every Latchkey, then:',
    '',
    `  pg_restore --clean --if-exists --single-transaction --dbname=${nameServer(databaseUrl)} ${quoteForShell(file)}`,
    '  npm run latchkey -- sessions revoke --all --yes',
    '',
    'The second line ends every session and one-time token, so that nothing which was revoked since the backup comes back.',
    'docs/backup.md says what else to look after, and how to go back to any moment (PITR).',
  ].join('\n')
}

/** The URL for a shell, with a user and never with a password. */
function nameServer(databaseUrl: string): string {
  return quoteForShell(databaseUrl.replace(/^([^:/?#]+:\/\/[^@/?#:]*):[^@/?#]*@/, '$1@'))
}
