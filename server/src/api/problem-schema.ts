import Type from 'typebox'

/** One thing that is wrong with one member of a body. */
export const FieldError = Type.Object(
  {
    field: Type.String({ description: 'The member, by its name in the body.' }),
    code: Type.String({ description: 'What is wrong, for programs.' }),
    detail: Type.String({ description: 'What is wrong, for people.' }),
  },
  { title: 'FieldError', description: 'One thing that is wrong with one member of a body.' },
)

/** Every refusal of `/v1` (RFC 9457). */
export const ProblemReply = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong, for people.' }),
    code: Type.String({ description: 'What is wrong, for programs. Its meaning never changes.' }),
    errors: Type.Optional(Type.Array(FieldError, { description: 'With `invalid_input`: everything that is wrong.' })),
  },
  { title: 'Problem', description: 'A problem document (RFC 9457).' },
)
