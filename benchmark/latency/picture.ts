import type { ScenarioResult, ServerResult } from './report.ts'

/** Whom a picture shows, by which name and in which colour. */
const SHOWN: readonly (readonly [server: string, label: string, colour: string])[] = [
  ['limit', 'an epoll loop in C', '#a3a3a3'],
  ['ours-sync-0', 'fasthttp, ioThreads: 0', '#c2410c'],
  ['ours-sync', 'fasthttp, ioThreads: 1', '#f59e0b'],
  ['ours-node', 'fasthttp/node', '#be185d'],
  ['node:http', 'node:http', '#15803d'],
  ['fastify', 'Fastify', '#64748b'],
  ['bun', 'Bun', '#7c3aed'],
  ['go-fasthttp', 'Go fasthttp', '#0284c7'],
]
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [860, 440, 70, 200, 50, 80]

/** Places of values in the picture. */
interface Scale {
  x(rate: number): number
  y(time: number): number
  readonly rates: readonly number[]
  readonly times: readonly number[]
}

/** A percentile of the latency. */
export type Percentile = 'p50' | 'p99'

/** A percentile over the rate, a line for each server that ends at the largest share of its capacity; times on a scale of powers. */
export function pictureOf(
  { title, servers }: ScenarioResult,
  percentile: Percentile,
  caption: string,
): string {
  const lines = SHOWN.flatMap(([name, label, colour]) => {
    const found = servers.find(({ server }) => server === name)
    return found === undefined ? [] : [{ label, colour, points: pointsOf(found, percentile) }]
  })
  const scale = scaleOf(lines.flatMap(({ points }) => points))
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escape(`${percentile} over the rate: ${title}`)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600">${escape(`${title}: ${percentile} in microseconds, lower is better`)}</text>`,
    ...axes(scale),
  ]
  lines.forEach(({ label, colour, points }, i) => {
    const places = points.map(([rate, time]) => `${scale.x(rate)},${scale.y(time)}`)
    const y = TOP + 14 + i * 22
    out.push(
      `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(
        ([rate, time]) =>
          `<circle cx="${scale.x(rate)}" cy="${scale.y(time)}" r="3" fill="${colour}"/>`,
      ),
      `<rect x="${WIDTH - RIGHT + 20}" y="${y - 9}" width="14" height="4" fill="${colour}"/>`,
      `<text x="${WIDTH - RIGHT + 40}" y="${y}">${escape(label)}</text>`,
    )
  })
  out.push(
    `<text x="12" y="${HEIGHT - 14}" font-size="11" fill="#555">${escape(caption)}</text>`,
    '</svg>',
  )
  return `${out.join('\n')}\n`
}

/** Rate and percentile under each share of the capacity. */
function pointsOf(
  { points }: ServerResult,
  percentile: Percentile,
): [rate: number, time: number][] {
  return points
    .filter(({ load }) => load.endsWith('%'))
    .map(({ figures }): [number, number] => [figures['rate']!, figures[percentile]!])
    .toSorted(([a], [b]) => a - b)
}

function scaleOf(points: readonly (readonly [rate: number, time: number])[]): Scale {
  const most = Math.max(...points.map(([rate]) => rate))
  const times = points.map(([, time]) => time)
  const [low, high] = [Math.log10(Math.min(...times)), Math.log10(Math.max(...times))]
  const [from, to] = [Math.floor(low * 3) / 3, Math.ceil(high * 3) / 3]
  const step = [1000, 2000, 5000, 10_000, 20_000, 50_000].find((one) => most / one <= 8) ?? 100_000
  const [width, height] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM]
  const decades = Array.from({ length: 8 }, (_, i) => 10 ** i)
  return {
    x: (rate) => Math.round(LEFT + (rate / most) * width),
    y: (time) => Math.round(TOP + height - ((Math.log10(time) - from) / (to - from || 1)) * height),
    rates: Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step),
    times: decades
      .flatMap((decade) => [decade, 2 * decade, 5 * decade])
      .filter((time) => Math.log10(time) >= from && Math.log10(time) <= to),
  }
}

function axes({ x, y, rates, times }: Scale): string[] {
  const bottom = HEIGHT - BOTTOM
  return [
    ...times.flatMap((time) => [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(time)}" y2="${y(time)}" stroke="#e5e7eb"/>`,
      `<text x="${LEFT - 8}" y="${y(time) + 4}" text-anchor="end" fill="#555">${time}</text>`,
    ]),
    ...rates.map(
      (rate) =>
        `<text x="${x(rate)}" y="${bottom + 20}" text-anchor="middle" fill="#555">${rate}</text>`,
    ),
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}" stroke="#555"/>`,
    `<text x="${LEFT + (WIDTH - LEFT - RIGHT) / 2}" y="${bottom + 40}" text-anchor="middle" fill="#555">requests a second, up to 90 % of what each server can</text>`,
  ]
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
