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
values (:namespace, :key, :cost * cast(:period as bigint), {now}, true)
on conflict (namespace, key) do update set (missing, at, fits) = (
    select refilled.missing + case when refilled.fits then excluded.missing else 0 end,
           greatest(bucket.at, excluded.at),
           refilled.fits
    from (
        select cast(inflow.missing as bigint) as missing,
               inflow.missing <= cast(:burst as numeric) * :period - excluded.missing as fits
        from (
            select greatest(
                0, bucket.missing - greatest(0, excluded.at - bucket.at) * cast(:limit as numeric)
            ) as missing
        ) as inflow
    ) as refilled
)
returning missing - case when fits then :cost * cast(:period as bigint) else 0 end as missing, fits;

-- peek: what is missing now
select cast(greatest(0, missing - cast(:limit as numeric) * greatest(0, {now} - at)) as bigint) as missing
from lawful_token_bucket
where namespace = :namespace and key = :key;

-- purge: the keys that are full again
delete from lawful_token_bucket
where namespace = :namespace and missing <= cast(:limit as numeric) * ({now} - at);
