import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errors } from '../api/errors.ts'
