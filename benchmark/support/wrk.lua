-- What wrk.ts runs, told by the environment: sends REQUEST, DEPTH times at once, over CONNECTIONS
-- connections, and prints one line with the result.

local ffi = require('ffi')

-- Instead of a `request` function, which wrk would call before every send, at the client's cost.
function init()
  local batch = os.getenv('REQUEST'):rep(tonumber(os.getenv('DEPTH')))
  wrk.format = function() return batch end
end

-- wrk's table of latencies: how many took that many microseconds.
ffi.cdef('typedef struct { uint64_t count, limit, min, max, data[]; } latencies;')

-- wrk adds invented latencies for pauses of the client, taking an answer to be due every `interval`. With
-- pipelining that is 16 times too often, and the percentiles come out wrong or as 0. This takes them out again:
-- wrk went upwards and added below itself, so from the top down every count that is met is a true one.
local function measured(latency, interval)
  local from = ffi.cast('latencies **', latency)[0]
  local max = tonumber(from.max)
  -- Another layout of the structure in another wrk: its own percentiles are used.
  if max ~= latency.max or tonumber(from.min) ~= latency.min then return nil end
  local counts = ffi.new('double[?]', max + 1)
  for time = 0, max do counts[time] = tonumber(from.data[time]) end
  for time = max, interval * 2, -1 do
    local count, added = counts[time], time - interval
    while count > 0 and added > interval do
      counts[added] = counts[added] - count
      added = added - interval
    end
  end
  return counts, max
end

local function percentile(counts, max, share)
  local total, seen = 0, 0
  for time = 0, max do total = total + counts[time] end
  for time = 0, max do
    seen = seen + counts[time]
    if seen >= total * share then return time end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local p50, p99 = latency:percentile(50), latency:percentile(99)
  local each = math.floor(summary.requests / tonumber(os.getenv('CONNECTIONS')))
  if each > 0 then
    local counts, max = measured(latency, math.floor(summary.duration / each))
    if counts then p50, p99 = percentile(counts, max, 0.5), percentile(counts, max, 0.99) end
  end
  io.write(string.format('result %d %d %d %d %d %d\n', summary.requests, summary.duration, p50, p99,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
