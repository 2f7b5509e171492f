package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.StatisticsStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Statistics in a database. What is written is taken away and written anew by its key, so that writing twice is writing once. */
final class JdbcStatistics implements StatisticsStore {

    /** Time that saving or forgetting may take, s: a batch has as many rows as there are workflows. */
    static final int SAVE_SECONDS = 30;

    private static final int PAGE = 2_000;
    private static final int SMALL_PAGE = 500;

    /** Folded executions that are kept. */
    private static final long MOST_FOLDED = 1L << 22;

    private static final int ROWS_AT_ONCE = 1_000;

    private static final RowMapper<Kept> KEPT = (row, context) -> {
        String full = row.getString(2);
        return new Kept(
                full == null ? row.getString(1) : Stored.plain(full),
                Stored.plain(row.getString(3)),
                Stored.plain(row.getString(4)),
                Stored.instant(row.getLong(5)),
                row.getString(6));
    };
    private static final String KEPT_COLUMNS =
            "select id, full_id, workflow, service, end_nanos, document from scepsy_execution";

    private final Database database;
    private final Leadership leadership;

    /** Executions that each workflow got since it was last trimmed; guarded by itself. */
    private final Map<String, Integer> grown = new HashMap<>();

    /** How many each may have; not known before the first {@link #retain}. */
    private volatile OptionalInt keep = OptionalInt.empty();

    JdbcStatistics(Database database, Leadership leadership) {
        this.database = database;
        this.leadership = leadership;
    }

    @Override
    public void save(Batch batch) {
        Map<List<Object>, Bucket> buckets = new LinkedHashMap<>();
        batch.buckets().forEach(bucket -> buckets.put(key(bucket), bucket));
        Map<String, Kept> executions = new LinkedHashMap<>();
        batch.executions().forEach(kept -> executions.put(Stored.key(kept.id()), kept));
        Map<String, FoldedBlock> folded = new LinkedHashMap<>();
        FoldedBlock.of(batch.settled()).forEach(block -> folded.put(block.key(), block));
        if (buckets.isEmpty() && executions.isEmpty() && folded.isEmpty()) {
            return;
        }
        Map<String, Integer> more = new HashMap<>();
        executions.values().forEach(kept -> more.merge(workflow(kept.workflow(), kept.service()), 1, Integer::sum));
        OptionalInt most = keep;
        List<String> full;
        synchronized (grown) {
            more.forEach((workflow, count) -> grown.merge(workflow, count, Integer::sum));
            full = more.keySet().stream()
                    .filter(workflow -> most.isPresent() && grown.getOrDefault(workflow, 0) >= most.getAsInt())
                    .toList();
        }
        database.write(SAVE_SECONDS, handle -> {
            leadership.enter(handle);
            saveBuckets(handle, buckets);
            saveExecutions(handle, executions);
            full.forEach(workflow -> trim(handle, workflow, most.orElse(Integer.MAX_VALUE)));
            saveFolded(handle, folded);
            return true;
        });
        synchronized (grown) {
            full.forEach(grown::remove);
        }
    }

    @Override
    public Recovered load(Instant since) {
        List<Bucket> buckets = new ArrayList<>();
        BucketRow last = new BucketRow(Stored.nanos(since), "", "", null);
        for (List<BucketRow> page = bucketsAfter(last); ; page = bucketsAfter(last)) {
            page.forEach(row -> buckets.add(java.util.Objects.requireNonNull(row.bucket)));
            if (page.size() < SMALL_PAGE) {
                break;
            }
            last = page.get(page.size() - 1);
        }
        List<FoldedBlock> blocks = new ArrayList<>();
        FoldedRow from = new FoldedRow("", new FoldedBlock(FoldedBlock.minuteOf(Stored.nanos(since)), 0, new byte[0]));
        for (List<FoldedRow> page = foldedAfter(from); ; page = foldedAfter(from)) {
            page.forEach(row -> blocks.add(row.block));
            if (page.size() < SMALL_PAGE) {
                break;
            }
            from = page.get(page.size() - 1);
        }
        List<Settled> oneByOne = settled(since);
        return new Recovered(
                List.copyOf(buckets),
                () -> Stream.concat(
                                oneByOne.stream(),
                                blocks.stream().flatMap(block -> block.settled(Stored.nanos(since)).stream()))
                        .iterator());
    }

    /** As the version before wrote them. */
    private List<Settled> settled(Instant since) {
        List<Settled> settled = new ArrayList<>();
        SettledRow from = new SettledRow(Stored.nanos(since), "", "");
        for (List<SettledRow> page = settledAfter(from); ; page = settledAfter(from)) {
            page.forEach(row -> settled.add(new Settled(row.fullId, Stored.instant(row.endNanos))));
            if (page.size() < PAGE) {
                return settled;
            }
            from = page.get(page.size() - 1);
        }
    }

    /** None where {@code before} is not known (any more). */
    @Override
    public List<Kept> executions(String workflow, String service, int limit, Optional<String> before) {
        String id = workflow(workflow, service);
        return database.read(handle -> {
            if (before.isEmpty()) {
                return handle.select(
                                KEPT_COLUMNS + " where workflow_id = ? order by end_nanos desc, id desc limit ?",
                                id,
                                limit)
                        .map(KEPT)
                        .list();
            }
            String beforeId = Stored.key(before.get());
            Optional<Long> end = handle.select("select end_nanos from scepsy_execution where id = ?", beforeId)
                    .mapTo(Long.class)
                    .findOne();
            return end.isEmpty()
                    ? List.<Kept>of()
                    : handle.select(
                                    KEPT_COLUMNS
                                            + " where workflow_id = ? and (end_nanos < ? or (end_nanos = ? and id < ?))"
                                            + " order by end_nanos desc, id desc limit ?",
                                    id,
                                    end.get(),
                                    end.get(),
                                    beforeId,
                                    limit)
                            .map(KEPT)
                            .list();
        });
    }

    @Override
    public Optional<Kept> execution(String id) {
        return database.read(handle -> handle.select(KEPT_COLUMNS + " where id = ?", Stored.key(id))
                .map(KEPT)
                .findOne());
    }

    /** Settled ids from before {@code oldest} go too: what ended then is not folded any more. */
    @Override
    public void retain(Instant oldest, int most) {
        Set<String> changed;
        synchronized (grown) {
            changed = Set.copyOf(grown.keySet());
        }
        boolean all = keep.isEmpty();
        long first = Stored.nanos(oldest);
        database.write(SAVE_SECONDS, handle -> {
            leadership.enter(handle);
            handle.execute("delete from scepsy_bucket where minute_nanos < ?", first);
            handle.execute("delete from scepsy_settled where end_nanos < ?", first);
            handle.execute(
                    "delete from scepsy_folded where minute_nanos < ?",
                    Math.max(FoldedBlock.minuteOf(first), tooMany(handle)));
            for (String workflow : all ? withMore(handle, most) : changed) {
                trim(handle, workflow, most);
            }
            return true;
        });
        synchronized (grown) {
            grown.keySet().removeAll(changed);
        }
        keep = OptionalInt.of(most);
    }

    /** The minute before which there are more than {@link #MOST_FOLDED}: the service itself remembers no more. */
    private static long tooMany(Handle handle) {
        List<long[]> minutes = handle.select(
                        "select minute_nanos, sum(executions) from scepsy_folded group by minute_nanos"
                                + " order by minute_nanos desc")
                .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
                .list();
        long executions = 0;
        for (long[] minute : minutes) {
            executions += minute[1];
            if (executions > MOST_FOLDED) {
                return minute[0] + 1;
            }
        }
        return Long.MIN_VALUE;
    }

    private static List<String> withMore(Handle handle, int keep) {
        return handle.select("select workflow_id from scepsy_execution group by workflow_id having count(*) > ?", keep)
                .mapTo(String.class)
                .list();
    }

    private static void trim(Handle handle, String workflow, int keep) {
        handle.select(
                        "select id, end_nanos from scepsy_execution where workflow_id = ?"
                                + " order by end_nanos desc, id desc offset ? rows fetch next 1 rows only",
                        workflow,
                        keep)
                .map((row, context) -> new SettledRow(row.getLong(2), row.getString(1), ""))
                .findOne()
                .ifPresent(newest -> handle.execute(
                        "delete from scepsy_execution where workflow_id = ?"
                                + " and (end_nanos < ? or (end_nanos = ? and id <= ?))",
                        workflow,
                        newest.endNanos,
                        newest.endNanos,
                        newest.id));
    }

    private static void saveBuckets(Handle handle, Map<List<Object>, Bucket> buckets) {
        batch(
                handle,
                "delete from scepsy_bucket where minute_nanos = ? and workflow_id = ? and kind = ?",
                buckets,
                (rows, key, bucket) -> bind(rows, key.get(0), key.get(1), key.get(2)));
        batch(
                handle,
                "insert into scepsy_bucket (minute_nanos, workflow_id, kind, workflow, service, content) values (?, ?, ?, ?, ?, ?)",
                buckets,
                (rows, key, bucket) -> bind(
                        rows,
                        key.get(0),
                        key.get(1),
                        key.get(2),
                        Stored.text(bucket.workflow()),
                        Stored.text(bucket.service()),
                        bucket.value()));
    }

    private static void saveExecutions(Handle handle, Map<String, Kept> executions) {
        batch(handle, "delete from scepsy_execution where id = ?", executions, (rows, id, kept) -> bind(rows, id));
        batch(
                handle,
                "insert into scepsy_execution (id, workflow_id, end_nanos, workflow, service, document, full_id) values (?, ?, ?, ?, ?, ?, ?)",
                executions,
                (rows, id, kept) -> bind(
                                rows,
                                id,
                                workflow(kept.workflow(), kept.service()),
                                Stored.nanos(kept.end()),
                                Stored.text(kept.workflow()),
                                Stored.text(kept.service()),
                                Stored.json(kept.document()))
                        .bind(6, Stored.plainKey(kept.id()) ? (String) null : Stored.text(kept.id())));
    }

    private static void saveFolded(Handle handle, Map<String, FoldedBlock> folded) {
        batch(
                handle,
                "delete from scepsy_folded where minute_nanos = ? and id = ?",
                folded,
                (rows, id, block) -> bind(rows, block.minuteNanos(), id));
        batch(
                handle,
                "insert into scepsy_folded (minute_nanos, id, executions, content) values (?, ?, ?, ?)",
                folded,
                (rows, id, block) -> bind(rows, block.minuteNanos(), id, block.executions(), block.content()));
    }

    private interface Binding<K, V> {
        PreparedBatch bind(PreparedBatch rows, K key, V value);
    }

    private static <K, V> void batch(Handle handle, String sql, Map<K, V> values, Binding<K, V> binding) {
        if (values.isEmpty()) {
            return;
        }
        try (PreparedBatch rows = handle.prepareBatch(sql)) {
            int waiting = 0;
            for (Map.Entry<K, V> value : values.entrySet()) {
                binding.bind(rows, value.getKey(), value.getValue()).add();
                if (++waiting == ROWS_AT_ONCE) {
                    rows.execute();
                    waiting = 0;
                }
            }
            if (waiting > 0) {
                rows.execute();
            }
        }
    }

    private static PreparedBatch bind(PreparedBatch rows, Object... values) {
        for (int i = 0; i < values.length; i++) {
            rows.bind(i, values[i]);
        }
        return rows;
    }

    private List<BucketRow> bucketsAfter(BucketRow last) {
        return database.read(handle -> handle.select(
                        "select minute_nanos, workflow_id, kind, workflow, service, content from scepsy_bucket"
                                + " where (minute_nanos, workflow_id, kind) > (?, ?, ?)"
                                + " order by minute_nanos, workflow_id, kind limit ?",
                        last.minuteNanos,
                        last.workflowId,
                        last.kind,
                        SMALL_PAGE)
                .map((row, context) -> new BucketRow(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        new Bucket(
                                Stored.plain(row.getString(4)),
                                Stored.plain(row.getString(5)),
                                Stored.instant(row.getLong(1)),
                                row.getString(3),
                                row.getBytes(6))))
                .list());
    }

    private List<SettledRow> settledAfter(SettledRow last) {
        return database.read(handle -> handle.select(
                        "select end_nanos, id, full_id from scepsy_settled where (end_nanos, id) > (?, ?)"
                                + " order by end_nanos, id limit ?",
                        last.endNanos,
                        last.id,
                        PAGE)
                .map((row, context) -> {
                    String full = row.getString(3);
                    return new SettledRow(
                            row.getLong(1), row.getString(2), full == null ? row.getString(2) : Stored.plain(full));
                })
                .list());
    }

    private List<FoldedRow> foldedAfter(FoldedRow last) {
        return database.read(handle -> handle.select(
                        "select minute_nanos, id, executions, content from scepsy_folded where (minute_nanos, id) > (?, ?)"
                                + " order by minute_nanos, id limit ?",
                        last.block.minuteNanos(),
                        last.id,
                        SMALL_PAGE)
                .map((row, context) -> new FoldedRow(
                        row.getString(2), new FoldedBlock(row.getLong(1), row.getInt(3), row.getBytes(4))))
                .list());
    }

    private static List<Object> key(Bucket bucket) {
        if (!Stored.plainKey(bucket.kind())) {
            throw new IllegalArgumentException("A bucket's kind is a short word, not " + bucket.kind());
        }
        return List.of(Stored.nanos(bucket.minute()), workflow(bucket.workflow(), bucket.service()), bucket.kind());
    }

    private static String workflow(String name, String service) {
        return Stored.digest(name, service);
    }

    private record BucketRow(
            long minuteNanos,
            String workflowId,
            String kind,
            @org.jspecify.annotations.Nullable Bucket bucket) {}

    private record FoldedRow(String id, FoldedBlock block) {}

    private record SettledRow(long endNanos, String id, String fullId) {}
}
