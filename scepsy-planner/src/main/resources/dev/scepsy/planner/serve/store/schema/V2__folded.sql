-- Ids of executions lie at random in an index: one row each made the file grow by a page for almost every one of them.
create table if not exists scepsy_folded (
  minute_nanos bigint not null,
  id ${key} not null,
  executions int not null,
  content ${bytes} not null,
  primary key (minute_nanos, id)
);
