-- Balancers, their members, and what is in flight there. A ticket goes with its member.
create unlogged table if not exists lawful_balancer (
    namespace text primary key
);

create unlogged table if not exists lawful_balancer_member (
    namespace    text    not null references lawful_balancer on delete cascade,
    name         bytea   not null,
    place        bigint  not null,
    weight       bigint  not null,
    max_inflight bigint,
    up           boolean not null default true,
    draining     boolean not null default false,
    in_flight    bigint  not null default 0,
    latest       bigint  not null default 0, -- the ticket of its latest pick
    credit       numeric not null default 0,
    eligible     boolean not null generated always as (
        weight > 0 and up and not draining and (max_inflight is null or in_flight < max_inflight)
    ) stored,
    primary key (namespace, name)
);

-- A crash empties tables that are not logged, but does not set back this.
create sequence if not exists lawful_balancer_tickets;

create unlogged table if not exists lawful_balancer_ticket (
    ticket    bigint primary key default nextval('lawful_balancer_tickets'),
    namespace text   not null,
    name      bytea  not null,
    foreign key (namespace, name) references lawful_balancer_member on delete cascade
);

create index if not exists lawful_balancer_ticket_member on lawful_balancer_ticket (namespace, name);

-- One call. The calls of one balancer follow one another: what comes after the lock sees what was done before it.
--
-- initial   the members at first: a JSON array of [name in hexadecimal, weight, limit or null]
-- asked     the name of a member
-- value     a ticket, or 1 for true
-- backends  the new members, as those at first
-- Returns a name and a number; or nothing, where there is no such member, or none to pick.
create or replace function lawful_balancer(
    balancer text, policy text, initial jsonb, call text, asked bytea, value bigint, backends jsonb
) returns table (which bytea, number bigint) language plpgsql as $$
declare
    given  jsonb := case when call = 'set_backends' then backends end;
    turn   bigint;
    picked lawful_balancer_member;
    earned numeric := 0;
begin
    insert into lawful_balancer values (balancer) on conflict do nothing;
    if found then
        given := coalesce(given, initial);
    end if;
    perform from lawful_balancer where namespace = balancer for update;

    if given is not null then
        delete from lawful_balancer_member
        where namespace = balancer
        and name not in (select decode(backend ->> 0, 'hex') from jsonb_array_elements(given) as backend);
        insert into lawful_balancer_member (namespace, name, place, weight, max_inflight)
        select balancer, decode(backend ->> 0, 'hex'), at, cast(backend ->> 1 as bigint), cast(backend ->> 2 as bigint)
        from jsonb_array_elements(given) with ordinality as listed (backend, at)
        on conflict (namespace, name) do update
        set place = excluded.place, weight = excluded.weight, max_inflight = excluded.max_inflight;
    end if;

    if call = 'pick' then
        select place into turn from lawful_balancer_member
        where namespace = balancer and latest > 0 order by latest desc limit 1;
        -- Who ranks lowest; of equals, who was picked longest ago. Loads by weight are multiplied by so much that two
        -- that differ do so in their whole part.
        select * into picked from lawful_balancer_member
        where namespace = balancer and eligible
        order by
            policy = 'round_robin' and place <= turn,
            case policy
                when 'round_robin' then place
                when 'smooth' then -(credit + weight)
                when 'least_connections' then in_flight
                when 'weighted_least_connections' then div(in_flight * 1e38, weight)
            end,
            latest,
            place
        limit 1;
        if not found then
            return;
        end if;
        if policy = 'smooth' then -- each earns its weight, and who is picked pays what all have earned
            select sum(weight) into earned from lawful_balancer_member where namespace = balancer and eligible;
            update lawful_balancer_member set credit = credit + weight where namespace = balancer and eligible;
        end if;
        insert into lawful_balancer_ticket (namespace, name) values (balancer, picked.name) returning ticket into value;
        return query
        update lawful_balancer_member
        set in_flight = in_flight + 1, latest = value, credit = credit - earned
        where namespace = balancer and name = picked.name
        returning name, value;
    elsif call = 'done' then
        delete from lawful_balancer_ticket where namespace = balancer and ticket = value returning name into asked;
        if found then
            update lawful_balancer_member set in_flight = in_flight - 1 where namespace = balancer and name = asked;
        end if;
    elsif call = 'set_health' then
        return query
        update lawful_balancer_member set up = (value = 1) where namespace = balancer and name = asked
        returning name, value;
    elsif call = 'set_draining' then
        return query
        update lawful_balancer_member set draining = (value = 1) where namespace = balancer and name = asked
        returning name, value;
    elsif call = 'in_flight' then
        return query
        select name, in_flight from lawful_balancer_member where namespace = balancer and name = asked;
    elsif call = 'drained' then
        return query
        select name, cast(cast(draining and in_flight = 0 as int) as bigint) from lawful_balancer_member
        where namespace = balancer and name = asked;
    end if;
end
$$;
