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
import type { Command } from './command.ts'
import { config } from './config.ts'
import { doctor } from './doctor.ts'
import { migrate } from './migrate.ts'
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
  accountsCreate,
  accountsList,
  accountsShow,
  accountsDisable,
  accountsEnable,
  accountsSetPassword,
  accountsDelete,
  sessionsList,
  sessionsRevoke,
  throttleList,
  throttleClear,
  auditList,
  auditVerify,
  auditExport,
  webhooksList,
  webhooksTest,
  backup,
  restore,
  doctor,
]
