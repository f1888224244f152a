import type { RunningServer } from '../support/server.ts'

/** How long and where one run measures. */
export interface Settings {
  readonly seconds: number
  readonly repetitions: number
  readonly serverCore: string
  readonly clientCore: string
}

/** The figures of one repetition, by column key; a figure that a rival does not have is left out. */
export type Sample = Readonly<Record<string, number | undefined>>

/** A column of the printed table. */
export interface Column {
  readonly key: string
  readonly title: string
  readonly digits: number
  /** The title over its ratio to a baseline, if that is printed as well. */
  readonly compared?: string
}

/** What every rival is asked, and how the answer is measured. */
export interface Case {
  readonly name: string
  readonly title: string
  /** The bytes of one request, as they go over the wire. */
  readonly request: Buffer
  /** How many requests a connection sends before it waits for their answers; 1 unless told. */
  readonly depth?: number
  /** The body that a right answer has. */
  readonly body: string
  readonly columns: readonly Column[]
  /** Rivals for which the case means nothing. */
  readonly without?: readonly string[]
  /** Whether files are asked for, which only rivals with files have. */
  readonly files?: boolean
  /** Whether the server must be able to collect its garbage on demand. */
  readonly collects?: boolean
  measure(server: RunningServer, settings: Settings): Promise<Sample>
}
