-- Start the demo source anew; the caller's transaction keeps the old one until it commits.
drop schema if exists dbo cascade;
drop schema if exists demo cascade;
create schema dbo;
create schema demo;

-- What each product really is. For benchmarks and evaluation only: no part of the product reads it.
create table demo.product_truth (
    product_id bigint not null,
    part_type text not null,
    make text,
    model text
);
