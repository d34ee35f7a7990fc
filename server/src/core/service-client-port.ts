/** A service of the team's that may ask whose a token is. It proves who it is by a secret. */
export type ServiceClient = {
  /** `svc_` and 16 hexadecimal digits. */
  readonly id: string
  /** What the operator calls it; no other service is called so. */
  readonly name: string
  /** Whether it may end sessions by their tokens. */
  readonly mayRevoke: boolean
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** When it got its present secret, or `null` while that is the first. */
  readonly rotatedAt: number | null
  /** Until when the secret before is good too, or `null` where there is none. */
  readonly previousUntil: number | null
}

/** A service and what is kept of its secrets. */
export type StoredServiceClient = {
  readonly client: ServiceClient
  readonly secretHash: string
  readonly previousSecretHash: string | null
}

/** How a service is named: by its id, or as the operator calls it. */
export type ServiceClientReference =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'name'; readonly name: string }

/** Where services are kept. */
export type ServiceClientStore = {
  /** Adds a service; says no when another has its name. Of concurrent callers with one name exactly one is told yes. */
  addServiceClient(
    client: Pick<ServiceClient, 'id' | 'name' | 'mayRevoke' | 'createdAt'> & { readonly secretHash: string },
  ): Promise<boolean>
  findServiceClient(reference: ServiceClientReference): Promise<StoredServiceClient | null>
  /** All services, by name. */
  listServiceClients(): Promise<readonly ServiceClient[]>
  /**
   * Gives a service another secret; the one it has now is its secret before, and the one before that is nothing any more.
   *
   * @returns the service as it is then, or `null` when it is gone.
   */
  replaceServiceSecret(change: {
    id: string
    secretHash: string
    /** Until when the secret before is good too; `null` where it is dead at once. */
    previousUntil: number | null
    now: number
  }): Promise<ServiceClient | null>
  /** Says whether there was one. */
  deleteServiceClient(id: string): Promise<boolean>
}
