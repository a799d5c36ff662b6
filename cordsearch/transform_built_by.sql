-- Said last: a complete run that was interrupted is repeated, not trusted.
update staging_intermediate.source_position
set built_by = %(built_by)s;
