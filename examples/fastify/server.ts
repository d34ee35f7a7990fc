import { createVerifier } from '@latchkey/verify'
import { authOf, authPlugin, requireAuth } from '@latchkey/verify/fastify'
import Fastify from 'fastify'

const { LATCHKEY_URL = 'http://localhost:8000', CLIENT_ID = '', CLIENT_SECRET = '', PORT = '3000' } = process.env

const verifier = createVerifier({
  issuer: LATCHKEY_URL,
  introspection: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
})

const app = Fastify()

app.get('/public', async () => ({ hello: 'everybody' }))

// Every route in this scope is guarded, whoever adds it later.
app.register((guarded, _options, done) => {
  guarded.register(authPlugin(verifier))
  guarded.get('/me', async (request) => ({ subject: authOf(request).subject }))
  done()
})

app.get('/staff', { onRequest: requireAuth(verifier, { requireStaff: true }) }, async (request) => ({
  subject: authOf(request).subject,
}))

await app.listen({ port: Number(PORT) })
console.log('listening', app.server.address())
