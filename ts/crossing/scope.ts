/** For an `AsyncResource` whose end is told by `emitDestroy`: V8's collector need not watch it. */
export const MANUAL = { requireManualDestroy: true } as const
