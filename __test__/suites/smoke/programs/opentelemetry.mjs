// OpenTelemetry's instrumentation of node:http, loaded before everything else.
import { traced } from '../tracing.mjs'

traced('opentelemetry', ['--require', './traced/opentelemetry.cjs'])
