import { describeApi } from '../api/operations.ts'
import type { Config } from '../config/config.ts'
import { DESCRIPTIONS } from '../contracts/operations.ts'
import { describeOauth } from '../oauth/operations.ts'
import { readVersion } from '../read-version.ts'
import { describeServer } from './describe-server.ts'
import type { Document } from './document.ts'
import { type DescribedDoor, writeDocument } from './write-document.ts'

/** The document of everything that a server with these settings answers. It needs no server, and no database. */
export function describeService(config: Config): Document {
  const contracts = config.contracts.map((name): DescribedDoor => {
    const describe = DESCRIPTIONS[name]
    if (describe === undefined) throw new Error(`Nothing is said of the contract ${name} in contracts/operations.ts.`)
    return { ...describe(config), hasOwnPlace: true }
  })
  const others = [describeApi(), describeOauth(), describeServer({ hasDocs: config.docs })]
  const doors = [...contracts, ...others.map((door) => ({ ...door, hasOwnPlace: false }))]
  return writeDocument(doors, {
    publicUrl: config.publicUrl,
    version: readVersion(),
    fallback: config.sharedPathsDefault,
  })
}
