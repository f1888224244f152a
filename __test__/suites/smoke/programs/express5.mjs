import express from 'express'
import { run } from '../express.mjs'

await run(express)
