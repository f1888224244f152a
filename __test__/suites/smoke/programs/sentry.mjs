// Sentry, loaded before everything else.
import { traced } from '../tracing.mjs'

traced('sentry', ['--require', './traced/sentry.cjs'])
