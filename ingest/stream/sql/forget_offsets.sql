delete from bronze.stream_offset
where topic = %(topic)s;
