-- Words and suggestions are rebuilt beside the live tables and take their place in one transaction.
drop table if exists staging_marts.search_term_new;
drop table if exists staging_marts.search_suggestion_new;
-- Grain: one row per normalised surface word of letters, two or longer.
create table staging_marts.search_term_new (
    word text collate "C" not null,
    lexeme text not null,
    document_count integer not null,
    script text not null
);
-- Grain: one row per normalised text and language.
create table staging_marts.search_suggestion_new (
    text_normalised text collate "C" not null,
    text text not null,
    language text not null,
    product_count integer not null,
    popularity real not null
);
drop table if exists staging_marts.search_other_name_new;
-- Grain: one row per phrase in lexemes: what else the parts it stands for are called. whole: only where nothing else
-- names the part.
create table staging_marts.search_other_name_new (
    phrase text not null,
    whole boolean not null,
    names text[] not null
);
drop table if exists staging_marts.search_vehicle_model_new;
-- Grain: one row per make, folded, and lexeme of one of its models.
create table staging_marts.search_vehicle_model_new (
    make text not null,
    model text not null,
    product_count integer not null
);
