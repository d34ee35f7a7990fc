import jwt from 'jsonwebtoken'

/** Lets through whoever has a token, as what `findUser` finds for its claims. */
export function requireUser(findUser) {
  return async (req, res, next) => {
    const [, token = ''] = (req.get('authorization') ?? '').split(' ')
    try {
      req.user = await findUser(jwt.verify(token, process.env.JWT_SECRET, { algorithms: ['HS256'] }))
    } catch {
      return res.status(401).json({ status: 'fail', errors: { main: { msg: 'Unauthorized' } } })
    }
    next()
  }
}
