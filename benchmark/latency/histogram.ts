/** How often values fell into each bucket, in their order, with the largest value of the bucket. */
export type Histogram = readonly (readonly [upper: number, count: number])[]

/** How many values there are. */
export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0)
}

/** The value that `share` (0 to 1) of all values do not exceed; NaN of none. */
export function percentile(histogram: Histogram, share: number): number {
  let left = Math.max(1, Math.ceil(share * countOf(histogram)))
  for (const [upper, count] of histogram) {
    left -= count
    if (left <= 0) return upper
  }
  return NaN
}
