/**
 * Bytes with an ArrayBuffer of their own, which the platform's types ask for where they take a body. TypeScript
 * before 5.7 does not tell arrays apart by their memory, and has no way to write it: what `from` makes is
 * `Uint8Array` there, and `Uint8Array<ArrayBuffer>` since.
 */
export type OwnBytes = ReturnType<Uint8ArrayConstructor['from']>
