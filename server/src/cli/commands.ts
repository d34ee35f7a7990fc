import { accountsCreate } from './accounts-create.ts'
import { accountsDelete } from './accounts-delete.ts'
import { accountsList } from './accounts-list.ts'
import { accountsDisable, accountsEnable } from './accounts-set-active.ts'
import { accountsSetPassword } from './accounts-set-password.ts'
import { accountsShow } from './accounts-show.ts'
import { auditExport } from './audit-export.ts'
import { auditList } from './audit-list.ts'
import { auditVerify } from './audit-verify.ts'
import { backup } from './backup.ts'
import { clientsCreate } from './clients-create.ts'
import { clientsDelete } from './clients-delete.ts'
import { clientsList } from './clients-list.ts'
import { clientsRotateSecret } from './clients-rotate-secret.ts'
import type { Command } from './command.ts'
import { config } from './config.ts'
import { conform } from './conform.ts'
import { doctor } from './doctor.ts'
import { exportAccounts } from './export.ts'
import { importCommand } from './import.ts'
import { importStatus } from './import-status.ts'
import { keysList } from './keys-list.ts'
import { keysRevoke } from './keys-revoke.ts'
import { keysRotate } from './keys-rotate.ts'
import { migrate } from './migrate.ts'
import { openapi } from './openapi.ts'
import { rehearse } from './rehearse.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'
import { sessionsList } from './sessions-list.ts'
import { sessionsRevoke } from './sessions-revoke.ts'
import { throttleClear } from './throttle-clear.ts'
import { throttleList } from './throttle-list.ts'
import { webhooksList } from './webhooks-list.ts'
import { webhooksTest } from './webhooks-test.ts'

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  serve,
  migrate,
  config,
  openapi,
  accountsCreate,
  accountsList,
  accountsShow,
  accountsDisable,
  accountsEnable,
  accountsSetPassword,
  accountsDelete,
  sessionsList,
  sessionsRevoke,
  clientsCreate,
  clientsList,
  clientsRotateSecret,
  clientsDelete,
  keysList,
  keysRotate,
  keysRevoke,
  throttleList,
  throttleClear,
  auditList,
  auditVerify,
  auditExport,
  webhooksList,
  webhooksTest,
  exportAccounts,
  importCommand,
  importStatus,
  backup,
  restore,
  conform,
  rehearse,
  doctor,
]
