/**
 * The lightest argon2id there is, for tests in which passwords are many and how they are hashed is not the question.
 * `loadConfig` refuses it.
 */
export const LIGHT_HASHING = { argon2: { memory: 8, passes: 1, lanes: 1 } } as const
