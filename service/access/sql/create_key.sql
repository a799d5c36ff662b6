insert into access.api_key (key_id, name, scopes, secret_hash, expires, rate_limit, address_limit)
values (
    %(key_id)s, %(name)s, %(scopes)s, %(secret_hash)s, now() + %(valid_for)s::interval, %(rate_limit)s,
    %(address_limit)s
)
returning expires
