import type { Static } from 'typebox'
import type { Problem, ProblemRule, SimilarTo } from '../core/errors.ts'
import type { FieldError } from './problem-schema.ts'

/** What a password is too similar to. */
const OWNERS: { readonly [Name in SimilarTo]: string } = {
  username: 'the username',
  first_name: 'the first name',
  last_name: 'the last name',
  name: 'the name',
  email: 'the email address',
  product: 'the name of this service',
}

/** A sentence for each rule that a field can break. There is no default, so a new rule cannot be forgotten. */
const WORDS: { readonly [Rule in ProblemRule]: (problem: Problem) => string } = {
  required: () => 'This has to be sent.',
  unknown: () => 'There is no such member.',
  blank: () => 'This may not be empty.',
  null: () => 'This may not be null: leave it out instead.',
  not_text: () => 'This has to be a string.',
  not_boolean: () => 'This has to be true or false.',
  too_short: ({ limit }) => `This has to have at least ${limit} characters.`,
  too_long: ({ limit }) => `This may have at most ${limit} characters.`,
  null_character: () => 'This may not hold a NUL character.',
  lone_surrogate: () => 'This is not well-formed Unicode: it holds half a surrogate pair.',
  invalid_email: () => 'This is no email address.',
  invalid_username: () =>
    'A username is letters, digits and _.@+-; an email address in its place has to be the account’s.',
  invalid_phone_number: () => 'A phone number is 9 to 15 digits, with or without a +.',
  needs_numeral: () => 'This has to hold a numeral.',
  needs_letter: () => 'This has to hold a letter.',
  mismatch: () => 'The two are not the same.',
  wrong_password: () => 'This is not the password.',
  invalid_value: () => 'This is not valid.',
  common: () => 'This password is too common.',
  breached: () => 'This password has appeared in a data breach. Choose another one.',
  too_similar: ({ similarTo = 'name' }) => `This password is too similar to ${OWNERS[similarTo]}.`,
  taken: () => 'Somebody has this already.',
}

/** What is wrong with a form, as `errors` of a problem document. */
export function writeFieldErrors(problems: readonly Problem[]): Static<typeof FieldError>[] {
  return problems.map((problem) => ({
    field: problem.field,
    code: problem.rule,
    detail: WORDS[problem.rule](problem),
  }))
}
