-- A bucket lacks `missing` (in 1/period of a token) at the instant `at` (microseconds); no row is a full bucket.
-- `fits` is the last decision, kept only so that one statement can return it on every version of PostgreSQL.
create table lawful_token_bucket (
    namespace text    not null,
    key       bytea   not null,
    missing   bigint  not null,
    at        bigint  not null,
    fits      boolean not null,
    primary key (namespace, key)
);

-- acquire: the conflicting row is locked and read anew, so concurrent calls of one key follow one another. A clock that
-- stepped back counts as standing still. Inflow is numeric, as a long pause times a high rate exceeds bigint.
insert into lawful_token_bucket as bucket (namespace, key, missing, at, fits)
values (
    :namespace, :key, :price,
    coalesce(cast(:now as bigint), cast(extract(epoch from statement_timestamp()) * 1000000 as bigint)), true
)
on conflict (namespace, key) do update set (missing, at, fits) = (
    select refilled.missing + case when refilled.missing <= :room then :price else 0 end,
           greatest(bucket.at, excluded.at),
           refilled.missing <= :room
    from (
        select cast(
            greatest(0, bucket.missing - greatest(0, excluded.at - bucket.at) * cast(:rate as numeric)) as bigint
        ) as missing
    ) as refilled
)
returning missing, fits;

-- peek: what is missing now
select greatest(
    0,
    missing - cast(:rate as numeric) * greatest(
        0, coalesce(cast(:now as bigint), cast(extract(epoch from statement_timestamp()) * 1000000 as bigint)) - at
    )
)
from lawful_token_bucket
where namespace = :namespace and key = :key;

-- reset
delete from lawful_token_bucket
where namespace = :namespace and key = :key;

-- purge: the keys that are full again
delete from lawful_token_bucket
where namespace = :namespace and missing <= cast(:rate as numeric) * (
    coalesce(cast(:now as bigint), cast(extract(epoch from statement_timestamp()) * 1000000 as bigint)) - at
);
