import { createServer } from 'node:http'

// An app that knows nothing of tokens: it believes the proxy in front of it, and so listens where nobody else gets at it.
const server = createServer((request, response) => {
  const { headers } = request
  const subject = headers['x-auth-subject'] ?? ''
  const answer =
    // Some proxies send an empty header where others send none.
    subject === ''
      ? { anonymous: true }
      : {
          // Who it is: given once, and never to anybody else.
          subject,
          userId: Number(headers['x-auth-user-id']),
          username: decodeURIComponent(headers['x-auth-username'] ?? ''),
          email: decodeURIComponent(headers['x-auth-email'] ?? ''),
          isStaff: headers['x-auth-staff'] === 'true',
        }
  request.resume()
  request.on('end', () => {
    const received = [...request.rawHeaders, ...request.rawTrailers]
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...answer, received }))
  })
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
