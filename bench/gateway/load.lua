-- What wrk does with BENCH_BODY set: uploads of so many bytes. In the end one line of JSON.
local bytes = tonumber(os.getenv("BENCH_BODY") or "0")
if bytes > 0 then
  wrk.method = "PUT"
  wrk.body = string.rep("x", bytes)
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"failed":%d,"p50":%.0f,"p99":%.0f}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
