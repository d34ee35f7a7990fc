import type { Problem, ProblemRule, SimilarTo } from '../../core/errors.ts'

/** A sentence for each rule that a field can break. There is no default, so a new rule cannot be forgotten. */
export type ProblemWords = { readonly [Rule in ProblemRule]: (problem: Problem) => string }

/** What Django calls the fields of an account in the middle of a sentence. */
const VERBOSE_NAMES: { readonly [Name in SimilarTo]: string } = {
  username: 'username',
  first_name: 'first name',
  last_name: 'last name',
  name: 'name',
  email: 'email address',
  product: 'name of this service',
}

/** DRF's own sentences. A contract puts its document's in their place where the two differ. */
export const DRF_WORDS: ProblemWords = {
  required: () => 'This field is required.',
  unknown: () => 'This field is not known.',
  blank: () => 'This field may not be blank.',
  null: () => 'This field may not be null.',
  not_text: () => 'Not a valid string.',
  not_boolean: () => 'Must be a valid boolean.',
  too_short: ({ limit }) => `Ensure this field has at least ${limit} characters.`,
  too_long: ({ limit }) => `Ensure this field has no more than ${limit} characters.`,
  null_character: () => 'Null characters are not allowed.',
  lone_surrogate: ({ codeUnit }) => `Surrogate characters are not allowed: U+${codeUnit?.toString(16).toUpperCase()}.`,
  invalid_email: () => 'Enter a valid email address.',
  invalid_username: () =>
    'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
  invalid_phone_number: () => "Phone number must be entered in the format: '+999999999'. Up to 15 digits allowed.",
  needs_numeral: () => 'Password must contain at least one numeral.',
  needs_letter: () => 'Password must contain at least one letter.',
  mismatch: () => 'The two password fields did not match.',
  wrong_password: () => 'Your old password was entered incorrectly. Please enter it again.',
  invalid_value: () => 'Invalid value',
  common: () => 'This password is too common.',
  breached: () => 'This password has appeared in a data breach. Choose another one.',
  too_similar: ({ similarTo = 'name' }) => `The password is too similar to the ${VERBOSE_NAMES[similarTo]}.`,
  taken: ({ field }) => `A user with that ${field} already exists.`,
}
