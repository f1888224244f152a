// Written by `npm run entries`.
import '../crossing/required.ts'

export type * from './index.ts'
export { FastResponse, createServer, serve, toHandler } from './index.ts'
