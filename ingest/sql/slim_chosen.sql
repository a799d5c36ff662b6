-- One batch. A place may hold another event by now, hence event_id too.
update bronze.{bronze} as event
set payload = event.payload || '{{"before": null}}'
where
    event.ctid = any(array(
        select chosen.place from pg_temp.chosen_event as chosen
        where chosen.number > %(after)s and chosen.number <= %(until)s
    ))
    and event.event_id in (
        select chosen.event_id from pg_temp.chosen_event as chosen
        where chosen.number > %(after)s and chosen.number <= %(until)s
    );
