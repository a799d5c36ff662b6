-- The role that searches run under. It may not log in, owns nothing, and reads only what search_role_lacks.sql grants.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cordsearch_search') then
        create role cordsearch_search nologin;
    end if;
    -- Who makes a role with CREATEROLE may grant it, also to itself, but cannot become it until then.
    if not pg_has_role(current_user, 'cordsearch_search', 'set') then
        execute format('grant cordsearch_search to %I with inherit false, set true', current_user);
    end if;
exception
    when duplicate_object or unique_violation then null; -- another process was first
end $$;
