-- Whoever is killed midway begins again: every statement may be met twice.
create table if not exists scepsy_leader (
  one int not null primary key,
  holder varchar(1000),
  term bigint not null,
  expires timestamp with time zone,
  last_event bigint not null,
  constraint scepsy_leader_alone check (one = 1)
);
insert into scepsy_leader (one, holder, term, expires, last_event)
  select 1, null, 0, null, 0 where not exists (select 1 from scepsy_leader);

create table if not exists scepsy_proposal (
  id ${key} not null primary key,
  live boolean not null,
  document ${text} not null
);
create index if not exists scepsy_proposal_live on scepsy_proposal (live, id);

create table if not exists scepsy_plan (
  id ${key} not null primary key,
  live boolean not null,
  document ${text} not null
);

create table if not exists scepsy_pin (
  id ${key} not null primary key,
  document ${text} not null
);

create table if not exists scepsy_freeze (
  one int not null primary key,
  document ${text} not null,
  constraint scepsy_freeze_alone check (one = 1)
);

create table if not exists scepsy_event (
  id bigint not null primary key,
  at_nanos bigint not null,
  kind ${key} not null,
  document ${text} not null
);

create table if not exists scepsy_answer (
  id ${key} not null primary key,
  at_nanos bigint not null,
  document ${text} not null
);
create index if not exists scepsy_answer_at on scepsy_answer (at_nanos);

create table if not exists scepsy_note (
  id ${key} not null primary key,
  name ${text} not null,
  content ${text} not null
);

create table if not exists scepsy_bucket (
  minute_nanos bigint not null,
  workflow_id ${key} not null,
  kind ${key} not null,
  workflow ${text} not null,
  service ${text} not null,
  content ${bytes} not null,
  primary key (minute_nanos, workflow_id, kind)
);

create table if not exists scepsy_execution (
  id ${key} not null primary key,
  workflow_id ${key} not null,
  end_nanos bigint not null,
  full_id ${text},
  workflow ${text} not null,
  service ${text} not null,
  document ${text} not null
);
create index if not exists scepsy_execution_end on scepsy_execution (workflow_id, end_nanos, id);

create table if not exists scepsy_settled (
  id ${key} not null primary key,
  end_nanos bigint not null,
  full_id ${text}
);
create index if not exists scepsy_settled_end on scepsy_settled (end_nanos, id);
