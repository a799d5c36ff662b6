select
    key_id,
    name,
    scopes,
    created,
    rotated,
    previous_until,
    last_used,
    expires,
    revoked,
    rate_limit,
    address_limit,
    case
        when revoked is not null then 'revoked'
        when expires <= now() then 'expired'
        else 'active'
    end as state
from access.api_key
order by created, key_id
