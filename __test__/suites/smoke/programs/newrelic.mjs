// New Relic, loaded before everything else, in the mode that needs no licence and calls nobody.
import { traced } from '../tracing.mjs'

traced('newrelic', ['--require', './traced/newrelic.cjs'], {
  NEW_RELIC_SERVERLESS_MODE_ENABLED: 'true',
  NEW_RELIC_APP_NAME: 'smoke',
  NEW_RELIC_NO_CONFIG_FILE: 'true',
  NEW_RELIC_LOG_ENABLED: 'false',
})
