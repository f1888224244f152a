import type { AddressInfo } from 'node:net'
import { Lane } from '../crossing/lane.ts'
import {
  native,
  type NativeListenOptions,
  type NativeOptions,
  type NativeRouter,
  type NativeServer,
} from '../crossing/native.ts'
import { setTimeout } from '../crossing/timers.ts'
import type { Trust } from '../request/trust.ts'
import { forgetAtExit, writeAtExit } from './at-exit.ts'
import { Batch, type BatchEvents, type Receiver } from './batch.ts'
import type { CheckedDrain } from './drain.ts'
import { bind, open } from './listen.ts'

/** What an engine tells its server. */
export interface EngineEvents extends Omit<BatchEvents, 'ended' | 'quiet'> {
  /** A thread failed: what it served is lost, and the addon ends the others. */
  failed(error: Error): void
  /** All threads have ended. */
  ended(): void
  /** By node's rules, before that: nobody is served any more. */
  quiet?(): void
}

/** The I/O threads of a server that runs, and what is shared with them. */
export class Engine {
  readonly native: NativeServer
  /** Where it listens. */
  readonly address!: AddressInfo | string
  /** The descriptor of its socket; -1 where there is none. */
  readonly fd: number = -1
  /** Fulfilled when all threads have ended. */
  readonly closed: Promise<void>
  /** Clients are no longer let in. */
  isClosing = false
  #hasFailed = false

  /**
   * Starts the threads, has `configure` called and listens at the first candidate that can be had; without any,
   * nowhere, for clients that are brought.
   * Throws node's error for the call that failed.
   */
  constructor(
    options: NativeOptions & { readonly trust?: Trust | undefined },
    candidates: readonly NativeListenOptions[] | undefined,
    router: NativeRouter | undefined,
    receiver: Receiver,
    events: EngineEvents,
    configure: (server: NativeServer) => void,
  ) {
    // Without threads there is one loop as well, on this one.
    const length = Math.max(1, options.ioThreads)
    const { maxUnsentBytes, trust } = options
    const isHere = options.ioThreads === 0
    const lanes = Array.from({ length }, (_, id) => new Lane(id, maxUnsentBytes, trust, isHere))
    const { promise, resolve } = withResolvers()
    this.closed = promise
    let left = lanes.length
    const busy = new Set<Lane>(lanes)
    const quiet = (lane: Lane): void => {
      if (busy.delete(lane) && busy.size === 0) events.quiet?.()
    }
    const batch = new Batch(lanes, receiver, {
      ...events,
      quiet,
      ended: (lane, failed) => {
        if (failed) this.#fail(events)
        quiet(lane)
        if (--left > 0) return
        forgetAtExit(this.native)
        this.native.join()
        events.ended()
        resolve()
      },
    })
    const memory = lanes.map((lane) => ({
      words: lane.words,
      claims: lane.claims,
      ring: lane.ring.bytes,
      parcel: lane.ring.parcel.bytes,
    }))
    const { scheduled, drain } = batch
    this.native = new native.NativeServer(options, memory, scheduled, drain, router)
    batch.attach(this.native)
    configure(this.native)
    try {
      const { address, fd } =
        candidates === undefined ? open(this.native) : bind(this.native, candidates)
      this.address = address
      this.fd = fd
      writeAtExit(this.native)
    } catch (error) {
      this.native.join()
      throw error
    }
  }

  /** Accepts no more; with a time-out what is left after so many milliseconds is cut. */
  close(timeout?: number): void {
    this.isClosing = true
    this.native.close(timeout)
  }

  /** Serves on, each answer the last one of its connection, and ends by and by. */
  drain({ lameDuck, keepAliveGrace, timeout }: CheckedDrain): void {
    this.native.drain(lameDuck, keepAliveGrace, timeout)
    if (lameDuck === 0) this.isClosing = true
    else setTimeout(() => (this.isClosing = true), lameDuck).unref()
  }

  #fail(events: EngineEvents): void {
    // One that fails before it listens makes `listen` fail.
    if (this.#hasFailed || this.address === undefined) return
    this.#hasFailed = true
    this.isClosing = true
    events.failed(new Error(this.native.failure() ?? 'an I/O thread failed'))
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => (resolve = fulfil))
  return { promise, resolve }
}
