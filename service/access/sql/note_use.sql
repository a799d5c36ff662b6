-- $1: ids of keys used lately. Coarse on purpose: one write per key and ten minutes, whatever the traffic.
update access.api_key
set last_used = now()
where
    key_id = any($1)
    and (last_used is null or last_used < now() - interval '10 minutes')
