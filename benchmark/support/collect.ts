// Loaded before a server whose memory is measured, and started with --expose-gc: SIGUSR2 collects the
// garbage, so that what is measured is what the connections hold and not what waits for the collector.

process.on('SIGUSR2', () => {
  // Twice: buffers whose owner the first round found dead are given back by the second.
  globalThis.gc?.()
  setTimeout(() => globalThis.gc?.(), 100)
})
