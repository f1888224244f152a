// Loaded before both sides of a suite whose runner ends its processes by a signal: lets them end as others do,
// so that what they have counted is written.
process.once('SIGTERM', () => process.exit(143))
