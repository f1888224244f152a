import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../benchmark/bin/files/', import.meta.url)

/** The files that are served, by path, and their sizes in bytes. */
export const FILES: Readonly<Record<string, number>> = { '/64k': 64 << 10, '/8m': 8 << 20 }

/** Writes the files; returns their folder. They lie in the page cache then. */
export function writeFiles(): string {
  mkdirSync(root, { recursive: true })
  for (const [path, size] of Object.entries(FILES)) {
    writeFileSync(new URL(`.${path}`, root), contentOf(size))
  }
  return fileURLToPath(root)
}

/** What a file of this size holds. */
export function contentOf(size: number): string {
  return 'x'.repeat(size)
}
