insert into freshness.published_position (table_name, event_id)
values (%(table_name)s, %(event_id)s)
on conflict (table_name) do update set event_id = excluded.event_id;
