import { readFileSync, writeFileSync } from 'node:fs'
import type { Figures } from './figures.ts'

const PANELS = [
  { key: 'p50', title: 'p50', digits: 0 },
  { key: 'p99', title: 'p99', digits: 0 },
  { key: 'cpu', title: 'CPU a request', digits: 1 },
] as const

const ROOT = new URL('../../../', import.meta.url)
const [BEGIN, END] = ['<!-- benchmarks -->', '<!-- /benchmarks -->']

/** Writes docs/benchmarks.json, the picture of it, and the table of the README. */
export function writePlot(figures: Figures): void {
  const put = (name: string, text: string): void => writeFileSync(new URL(name, ROOT), text)
  put('docs/benchmarks.json', `${JSON.stringify(figures, null, 2)}\n`)
  put('docs/benchmarks.svg', svgOf(figures))
  put('README.md', withTable(readFileSync(new URL('README.md', ROOT), 'utf8'), figures))
}

/** What the table is of, and of when. */
export function sentenceOf({ date, machine, title, answer, runs }: Figures): string {
  return `${title}, ${answer}; ${runs}, Node ${machine.node.replace('v', '')}, ${date}:`
}

/** The README with the sentence and the table of these figures between its marks. Throws `Error` if it has none. */
export function withTable(readme: string, figures: Figures): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`README.md lacks ${BEGIN} and ${END}`)
  const told = `${sentenceOf(figures)}\n\n${tableOf(figures)}`
  return `${readme.slice(0, from + BEGIN.length)}\n\n${told}\n\n${readme.slice(to)}`
}

/** A table in Markdown, padded as prettier does. */
export function tableOf({ rivals }: Figures): string {
  const rows = [
    ['server', ...PANELS.map(({ title }) => title)],
    ...rivals.map(({ name, median }) => [
      name,
      ...PANELS.map(({ key, digits }) =>
        median === undefined ? 'absent' : `${median[key].toFixed(digits)} us`,
      ),
    ]),
  ]
  const widths = PANELS.map((_, i) => i + 1).map((i) =>
    Math.max(...rows.map((row) => row[i]!.length)),
  )
  const first = Math.max(...rows.map(([name]) => name!.length))
  const line = ([name, ...cells]: string[]): string =>
    `| ${name!.padEnd(first)} | ${cells.map((cell, i) => cell.padStart(widths[i]!)).join(' | ')} |`
  const rule = `| ${'-'.repeat(first)} | ${widths.map((width) => `${'-'.repeat(width - 1)}:`).join(' | ')} |`
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n')
}

const [WIDTH, PANEL, BAR, LEFT, TOP] = [860, 250, 22, 96, 64]

/** A picture of bars: a panel for each figure, a bar for each rival, shorter is better. */
export function svgOf({ date, machine, title, runs, rivals }: Figures): string {
  const height = TOP + rivals.length * (BAR + 12) + 44
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escape(`${title}: ${PANELS.map((panel) => panel.title).join(', ')}`)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600">${escape(`${title}; microseconds, shorter is better`)}</text>`,
  ]
  rivals.forEach(({ name }, i) => {
    const weight = i === 0 ? ' font-weight="600"' : ''
    out.push(`<text x="12" y="${middle(i)}"${weight}>${escape(name)}</text>`)
  })
  PANELS.forEach((panel, place) => {
    const x = LEFT + place * PANEL
    out.push(`<text x="${x}" y="${TOP - 14}" fill="#555">${panel.title}</text>`)
    const most = Math.max(...rivals.map(({ median }) => median?.[panel.key] ?? 0))
    rivals.forEach(({ median }, i) => {
      if (median === undefined) {
        out.push(`<text x="${x}" y="${middle(i)}" fill="#999" font-style="italic">absent</text>`)
        return
      }
      const width = Math.max(1, Math.round(((PANEL - 80) * median[panel.key]) / most))
      const y = TOP + i * (BAR + 12)
      const fill = i === 0 ? '#c2410c' : '#94a3b8'
      out.push(
        `<rect x="${x}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${fill}"/>`,
        `<text x="${x + width + 6}" y="${middle(i)}">${median[panel.key].toFixed(panel.digits)}</text>`,
      )
    })
  })
  const where = `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node.js ${machine.node}`
  out.push(
    `<text x="12" y="${height - 14}" font-size="11" fill="#555">${escape(`${date}; ${where}; ${runs}`)}</text>`,
    '</svg>',
  )
  return `${out.join('\n')}\n`
}

function middle(row: number): number {
  return TOP + row * (BAR + 12) + 16
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
