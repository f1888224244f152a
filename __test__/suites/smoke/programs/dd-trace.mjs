// Datadog's tracer, loaded before everything else; what it would send is printed.
import { traced } from '../tracing.mjs'

traced('dd-trace', ['--require', 'dd-trace/init'], {
  DD_TRACE_EXPERIMENTAL_EXPORTER: 'log',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
})
