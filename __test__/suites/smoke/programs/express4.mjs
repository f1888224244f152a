import express from 'express4'
import { run } from '../express.mjs'

await run(express)
