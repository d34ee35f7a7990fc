import { CompiledQuery, type QueryResult } from 'kysely'
import { unavailable } from '../dialect.ts'
import type { SqliteConnection, SqliteSource } from './connection.ts'
import { isBusy, isDamage, isRefusal, toRefusal } from './errors.ts'
import { Patience } from './patience.ts'
import { Turns } from './turns.ts'

// IMMEDIATE, because a deferred transaction that turns to writing fails where somebody wrote since it began to read.
const BEGIN = CompiledQuery.raw('begin immediate')
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')

/**
 * How everybody in this process gets at its one connection: writes one after the other, each when the lock is free;
 * reads at any time but within somebody else's transaction. What SQLite cannot do now is refused as `overloaded`.
 */
export class SqliteAccess {
  readonly #source: SqliteSource
  readonly #turns = new Turns()
  readonly #writing = new Patience()
  readonly #reading = new Patience()
  #isSuspect = false

  constructor(source: SqliteSource) {
    this.#source = source
  }

  /** True from the moment a statement could not be carried out until the next write is. */
  get isSuspect(): boolean {
    return this.#isSuspect
  }

  /** The rows of a statement that only reads, or `null` when they cannot be had at once. */
  readNow<Row>(query: CompiledQuery<Row>): Row[] | null {
    if (this.#source.current.isTransaction) return null
    try {
      return this.#source.forReading().read(query)
    } catch (error) {
      if (isBusy(error)) return null
      throw this.#refuse(error)
    }
  }

  /** The result of a statement that only reads. Readers wait for nobody but one who is about to open or mend the file. */
  async read<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const since = performance.now()
    const attempt = () => (this.#source.current.isTransaction ? null : this.#source.forReading().run<Row>(query))
    for (;;) {
      while (this.#source.current.isTransaction) await this.#turns.ended()
      const result = await this.#insist(this.#reading, attempt, since)
      if (result !== null) return result
    }
  }

  /** Runs one statement that writes. */
  async write<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const since = performance.now()
    await this.#turns.take()
    try {
      const attempt = () => {
        const connection = this.#source.forWriting()
        const result = connection.run<Row>(query)
        this.#requireSame(connection)
        return result
      }
      const result = await this.#insist(this.#writing, attempt, since)
      this.#isSuspect = false
      return result
    } finally {
      this.#turns.pass()
    }
  }

  /** Opens a transaction; whoever opened it must commit or roll back. */
  async begin(): Promise<void> {
    const since = performance.now()
    await this.#turns.take()
    try {
      await this.#insist(this.#writing, () => this.#source.forWriting().run(BEGIN), since)
    } catch (error) {
      this.#turns.pass()
      throw error
    }
  }

  /** Runs a statement in the transaction that the caller opened. It is never tried again by itself. */
  runWithin<Row>(query: CompiledQuery): QueryResult<Row> {
    // A full disk or an I/O error makes SQLite roll back by itself: what follows would be on its own.
    if (!this.#source.current.isTransaction) throw new Error('SQLite has rolled this transaction back.')
    try {
      return this.#source.current.run<Row>(query)
    } catch (error) {
      throw this.#refuse(error)
    }
  }

  /** Commits; if that fails, the caller must roll back. */
  commit(): void {
    const { current } = this.#source
    this.runWithin(COMMIT)
    this.#requireSame(current)
    this.#isSuspect = false
    this.#turns.pass()
  }

  /** Undoes what the transaction did, if SQLite has not already. */
  rollback(): void {
    try {
      if (this.#source.current.isTransaction) this.runWithin(ROLLBACK)
    } finally {
      this.#turns.pass()
    }
  }

  close(): void {
    this.#source.close()
  }

  /**
   * Looks again after a commit. Somebody may have put a copy in the place of the file since it was looked at: what was
   * committed is in a file that nobody will ever open, and must not be told as done.
   */
  #requireSame(connection: SqliteConnection): void {
    if (this.#source.forWriting() === connection) return
    throw unavailable(new Error('The database was replaced by a copy while this was written to it.'))
  }

  async #insist<Result>(patience: Patience, attempt: () => Result, since: number): Promise<Result> {
    try {
      return await patience.insist(attempt, since)
    } catch (error) {
      throw this.#refuse(error)
    }
  }

  #refuse(error: unknown): unknown {
    if (isDamage(error)) this.#source.doubt()
    const refusal = toRefusal(error)
    if (isRefusal(refusal)) this.#isSuspect = true
    return refusal
  }
}
