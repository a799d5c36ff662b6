insert into bronze.dead_letter (topic, "partition", "offset", key, value, message_ts_ms, reason)
values (%(topic)s, %(partition)s, %(offset)s, %(key)s, %(value)s, %(message_ts_ms)s, %(reason)s)
on conflict (topic, "partition", "offset") do nothing;
