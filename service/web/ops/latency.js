// Percentiles from the counts of a histogram; the same estimate as service/operations/latency.py.

/** Counts of `route` since an earlier reading; all of them when the service was restarted in between. */
export function sinceBefore(route, earlier) {
  const before = earlier.find((each) => each.route === route.route && each.method === route.method);
  if (!before) return route.counts;
  const since = route.counts.map((count, place) => count - (before.counts[place] ?? 0));
  return since.some((count) => count < 0) ? route.counts : since;
}

/** Milliseconds under which `share` of the answers stayed: linear within its bucket; null when there were none. */
export function percentileOf(bounds, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = share * total;
  let below = 0;
  let lower = 0;
  for (const [place, count] of counts.entries()) {
    const bound = bounds[place];
    if (count > 0 && below + count >= wanted) return bound === null ? lower : lower + ((bound - lower) * (wanted - below)) / count;
    below += count;
    if (bound !== null) lower = bound;
  }
  return lower;
}
