'use strict'
// Loaded before a program: OpenTelemetry, with its spans kept here.
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const sdk = require('@opentelemetry/sdk-trace-node')
const { SpanKind } = require('@opentelemetry/api')

const exporter = new sdk.InMemorySpanExporter()
const provider = new sdk.NodeTracerProvider({
  spanProcessors: [new sdk.SimpleSpanProcessor(exporter)],
})
provider.register()
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] })
globalThis.smokeTold = () => {
  for (const { kind, attributes } of exporter.getFinishedSpans()) {
    if (kind !== SpanKind.SERVER) continue
    const path = attributes['http.target'] ?? attributes['url.path']
    const status = attributes['http.status_code'] ?? attributes['http.response.status_code']
    console.log(JSON.stringify({ path, status }))
  }
}
