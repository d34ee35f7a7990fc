// The image has no curl. Exit code 0 if the server in this container answers, else 1.
import { get } from 'node:http'

get({ host: '127.0.0.1', port: process.env.PORT || 8000, path: '/healthz', timeout: 2000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
