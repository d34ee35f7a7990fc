import { createVerifier } from '@latchkey/verify'
import { authOf, requireAuth } from '@latchkey/verify/express'
import express from 'express'

const { LATCHKEY_URL = 'http://localhost:8000', CLIENT_ID = '', CLIENT_SECRET = '', PORT = '3000' } = process.env

const verifier = createVerifier({
  issuer: LATCHKEY_URL,
  introspection: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
})

const app = express()

app.get('/public', (_request, response) => {
  response.json({ hello: 'everybody' })
})

app.get('/me', requireAuth(verifier), (request, response) => {
  response.json({ subject: authOf(request).subject })
})

app.get('/staff', requireAuth(verifier, { requireStaff: true }), (request, response) => {
  response.json({ subject: authOf(request).subject })
})

const server = app.listen(Number(PORT), () => console.log('listening', server.address()))
