import { Readable } from 'node:stream'
import type { HttpRequest } from '../../ts/index.ts'

/** What answers of a test share. */
export interface Course {
  /** A file of `FILE` bytes. */
  readonly path: string
  /** Lets every answer come to its end. */
  readonly finish: Promise<void>
  /** Handlers that were called. */
  arrived: number
  /** Answers that were begun. */
  made: number
  /** Times that a source, a reader or a writer was told that it is over before its end. */
  told: number
}

/** An iterator of one chunk, which ends when the course does. */
export function chunks(first: string | undefined, course: Course): AsyncIterator<string> {
  const left = first === undefined ? [] : [first]
  return {
    async next() {
      const value = left.shift()
      if (value !== undefined) return { value, done: false }
      await course.finish
      return { value: undefined, done: true }
    },
    async return() {
      course.told++
      return { value: undefined, done: true }
    },
  }
}

/** The same as a web stream. */
export function webStream(first: string | undefined, course: Course): ReadableStream<string> {
  return new ReadableStream<string>({
    start(controller) {
      if (first !== undefined) controller.enqueue(first)
      void course.finish.then(() => controller.close()).catch(() => undefined)
    },
    cancel: () => void course.told++,
  })
}

/** The same as a Node stream. */
export function readable(first: string | undefined, course: Course): Readable {
  let isWhole = false
  const source = new Readable({
    read: () => undefined,
    destroy(error, done) {
      if (!isWhole) course.told++
      done(error)
    },
  })
  if (first !== undefined) source.push(first)
  void course.finish.then(() => {
    isWhole = true
    source.push(null)
  })
  return source
}

/** The body of a request; told of its end by its client, by its reader, or by both. */
export function echo(req: HttpRequest, course: Course): AsyncIterableIterator<Uint8Array> {
  const body = req[Symbol.asyncIterator]()
  let isOver = false
  const tell = (): void => {
    if (!isOver) course.told++
    isOver = true
  }
  return {
    async next() {
      try {
        const step = await body.next()
        if (step.done === true) isOver = true
        return step
      } catch (error) {
        tell()
        throw error
      }
    },
    async return() {
      tell()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
