package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.InputBatch.Offer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import javax.sql.DataSource;

/** The state in a database. Every method is one transaction; conflicting ones wait for the round's row. */
public final class JdbcStore implements Store {
    private final Sql sql;
    private final Optional<InputFolder> files;
    private final Map<String, Gathering<Offer, Taken>> gatherings = new ConcurrentHashMap<>();

    /**
     * A store in a database whose tables are up to date.
     *
     * @param source gives connections that do not commit by themselves; stays the caller's to close
     */
    public JdbcStore(DataSource source) {
        this(source, Optional.empty());
    }

    /**
     * The same with masked inputs in files, for one process.
     *
     * @param files stays the caller's to close
     */
    public JdbcStore(DataSource source, InputFolder files) {
        this(source, Optional.of(files));
        files.restore(sql.transaction("look for masked inputs", InputTable::lastPlaces));
    }

    private JdbcStore(DataSource source, Optional<InputFolder> files) {
        this.sql = new Sql(source);
        this.files = files;
    }

    @Override
    public void addTask(StoredTask task) {
        sql.transaction(
                "add a task",
                c -> Sql.update(
                        c,
                        "insert into task (id, population, base_model, definition, template, state, candidate,"
                                + " optimizer_state, buffer, version) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        task.id(),
                        task.population(),
                        task.baseModelSha256(),
                        task.definition(),
                        task.template(),
                        task.state(),
                        task.candidateSha256(),
                        task.optimizerState(),
                        task.buffer(),
                        task.version()));
    }

    @Override
    public Optional<StoredTask> findTask(String taskId) {
        return sql.transaction(
                "read a task", c -> Sql.find(c, JdbcStore::task, "select * from task where id = ?", taskId));
    }

    @Override
    public List<StoredTask> tasks() {
        return sql.transaction(
                "read tasks", c -> Sql.list(c, JdbcStore::task, "select * from task order by created desc"));
    }

    @Override
    public List<StoredTask> tasks(String olderThan, int max) {
        return sql.transaction(
                "read tasks",
                c -> olderThan.isEmpty()
                        ? Sql.list(c, JdbcStore::task, "select * from task order by created desc limit ?", max)
                        : Sql.list(
                                c,
                                JdbcStore::task,
                                "select * from task where created < (select created from task where id = ?)"
                                        + " order by created desc limit ?",
                                olderThan,
                                max));
    }

    @Override
    public List<StoredTask> unfinishedTasks() {
        return sql.transaction(
                "read tasks",
                c -> Sql.list(
                        c,
                        JdbcStore::task,
                        "select * from task where state in (?, ?) order by created",
                        StoredTask.State.OPEN,
                        StoredTask.State.PAUSED));
    }

    @Override
    public boolean replaceTask(StoredTask seen, StoredTask next) {
        return sql.transaction("change a task", c -> replace(c, seen, next));
    }

    private static boolean replace(Connection connection, StoredTask seen, StoredTask next) throws SQLException {
        return Sql.update(
                        connection,
                        "update task set template = ?, state = ?, candidate = ?, optimizer_state = ?, buffer = ?,"
                                + " version = ?"
                                + " where id = ? and version = ?",
                        next.template(),
                        next.state(),
                        next.candidateSha256(),
                        next.optimizerState(),
                        next.buffer(),
                        next.version(),
                        seen.id(),
                        seen.version())
                == 1;
    }

    private static StoredTask task(ResultSet row) throws SQLException {
        return new StoredTask(
                row.getString("id"),
                row.getString("population"),
                row.getString("base_model"),
                row.getString("definition"),
                Sql.bytes(row, "template"),
                StoredTask.State.valueOf(row.getString("state")),
                row.getString("candidate"),
                Sql.bytes(row, "optimizer_state"),
                Sql.bytes(row, "buffer"),
                row.getLong("version"));
    }

    @Override
    public Optional<StoredRound> findRound(String roundId) {
        return sql.transaction(
                "read a round", c -> Sql.find(c, RoundTable::round, RoundTable.SELECT + "where id = ?", roundId));
    }

    @Override
    public List<StoredRound> rounds(String taskId) {
        return sql.transaction(
                "read rounds",
                c -> Sql.list(c, RoundTable::round, RoundTable.SELECT + "where task_id = ? order by number", taskId));
    }

    @Override
    public List<StoredRound> openRounds() {
        return sql.transaction("read open rounds", RoundTable::open);
    }

    @Override
    public boolean open(StoredRound round, int openMax) {
        return sql.unlessTaken("open a round", c -> RoundTable.open(c, round, openMax));
    }

    @Override
    public boolean offer(String roundId, String deviceId, Instant now, Instant since, int outstandingMax) {
        return sql.transaction(
                "offer a round", c -> RoundTable.offer(c, roundId, deviceId, now, since, outstandingMax));
    }

    @Override
    public int outstanding(String roundId, Instant since) {
        return sql.transaction("count offers", c -> (int) RoundTable.outstanding(c, roundId, since));
    }

    @Override
    public Taken take(String roundId, Step step, String deviceId, ByteString message, int deviceMax) {
        return sql.transaction("take a message", c -> RoundTable.take(c, roundId, step, deviceId, message, deviceMax));
    }

    @Override
    public Taken takeInput(String deviceId, SentBytes input, int deviceMax, Part part) {
        return gatherings
                .computeIfAbsent(part.roundId(), round -> new Gathering<>(offers -> takeInputs(round, offers)))
                .ask(new Offer(deviceId, input, deviceMax, part));
    }

    private List<Taken> takeInputs(String roundId, List<Offer> offers) {
        return sql.forced("take masked inputs", c -> InputBatch.take(c, files, roundId, offers));
    }

    @Override
    public Optional<String> findInput(String roundId, String deviceId) {
        return sql.transaction("look for a masked input", c -> InputTable.find(c, roundId, deviceId));
    }

    @Override
    public void recordInputs(TakenInputs inputs) {
        sql.transaction(
                "record masked inputs", c -> InputTable.record(c, inputs, EnumSet.of(Phase.MASKING, Phase.COLLECTING)));
    }

    @Override
    public boolean putSums(TakenInputs all, List<InputSum> sums) {
        return sql.transaction("record sums", c -> {
            boolean put = InputTable.putSums(c, all, sums);
            if (!put) {
                c.rollback();
            }
            return put;
        });
    }

    @Override
    public List<InputSum> sums(String roundId) {
        return sql.transaction("read sums", c -> InputTable.sums(c, roundId));
    }

    @Override
    public List<RoundEvent> untold(int max) {
        return sql.transaction("read events", c -> EventTable.untold(c, max));
    }

    @Override
    public void told(List<RoundEvent> events) {
        sql.transaction("record events", c -> EventTable.told(c, events));
    }

    @Override
    public int forgetSteps(Instant endedBefore) {
        return sql.transaction(
                "forget steps",
                c -> Sql.update(
                        c,
                        "delete from step where round_id in (select id from round where phase in (?, ?) and deadline < ?)",
                        Phase.COMPLETED,
                        Phase.ABORTED,
                        endedBefore.toEpochMilli()));
    }

    @Override
    public int forgetParts(Instant takenBefore) {
        return sql.transaction(
                "forget participations",
                c -> Sql.update(c, "delete from part where taken < ?", takenBefore.toEpochMilli()));
    }

    @Override
    public boolean forgetDevice(String deviceId) {
        return sql.transaction("delete a device", c -> {
            Sql.update(
                    c,
                    "delete from step where device_id = ? and round_id in (select id from round where phase in (?, ?))",
                    deviceId,
                    Phase.COMPLETED,
                    Phase.ABORTED);
            Sql.update(c, "delete from part where device_id = ?", deviceId);
            Sql.update(c, "delete from round_offer where device_id = ?", deviceId);
            Sql.update(c, "delete from device_seen where device_id = ?", deviceId);
            Sql.update(c, "delete from nonce where device_id = ?", deviceId);
            Sql.update(c, "delete from fault where device_id = ? or other = ?", deviceId, deviceId);
            Sql.update(c, "update enrolment_token set device_id = 'deleted' where device_id = ?", deviceId);
            return Sql.update(c, "delete from device where id = ?", deviceId) == 1;
        });
    }

    @Override
    public void recordFaults(List<ProvenFault> faults) {
        for (ProvenFault fault : faults) {
            sql.unlessTaken(
                    "record a fault",
                    c -> Sql.update(
                                    c,
                                    "insert into fault (device_id, round_id, kind, other) values (?, ?, ?, ?)",
                                    fault.deviceId(),
                                    fault.roundId(),
                                    fault.kind(),
                                    fault.other())
                            == 1);
        }
    }

    @Override
    public boolean isFaulty(String deviceId) {
        return sql.transaction(
                        "look for faults",
                        c -> Sql.number(c, "select count(*) from fault where device_id = ?", deviceId))
                > 0;
    }

    @Override
    public List<ProvenFault> faults() {
        return sql.transaction(
                "read faults",
                c -> Sql.list(
                        c,
                        row -> new ProvenFault(
                                row.getString("device_id"),
                                row.getString("round_id"),
                                row.getString("kind"),
                                row.getString("other")),
                        "select * from fault order by device_id, round_id, kind, other"));
    }

    @Override
    public List<Part> parts(String deviceId) {
        return sql.transaction(
                "read a device's account",
                c -> Sql.list(
                        c,
                        row -> new Part(
                                row.getString("round_id"),
                                Instant.ofEpochMilli(row.getLong("taken")),
                                row.getDouble("noise_multiplier")),
                        "select * from part where device_id = ? order by taken, round_id",
                        deviceId));
    }

    @Override
    public Set<Step> stepsOf(String roundId, String deviceId) {
        return sql.transaction("read a device's steps", c -> RoundTable.stepsOf(c, roundId, deviceId))
                .keySet();
    }

    @Override
    public SortedMap<String, ByteString> messages(String roundId, Step step) {
        SortedMap<String, ByteString> messages = new TreeMap<>();
        eachMessage(roundId, step, messages::put);
        return messages;
    }

    @Override
    public void eachMessage(String roundId, Step step, BiConsumer<String, ByteString> reader) {
        sql.transaction(
                "read messages one by one",
                c -> Sql.each(
                        c,
                        row -> reader.accept(row.getString(1), Sql.bytes(row, "message")),
                        "select device_id, message from step where round_id = ? and name = ? and message is not null",
                        roundId,
                        step));
        files.ifPresent(folder -> sql.transaction("look for masked inputs", c -> InputTable.places(c, roundId, step))
                .forEach(place -> reader.accept(place.deviceId(), folder.read(roundId, place.place()))));
    }

    @Override
    public Set<String> devices(String roundId, Step step) {
        List<String> devices = sql.transaction(
                "read members",
                c -> Sql.list(
                        c,
                        row -> row.getString(1),
                        "select device_id from step where round_id = ? and name = ?",
                        roundId,
                        step));
        return new TreeSet<>(devices);
    }

    @Override
    public boolean advance(StoredRound seen, StoredRound next) {
        boolean advanced = sql.forced("change a round", c -> RoundTable.advance(c, seen, next));
        if (advanced && next.phase().isOver()) {
            forgetInputs(next.id());
        }
        return advanced;
    }

    /** What is left when the process is killed before this is deleted at the next start. */
    private void forgetInputs(String roundId) {
        gatherings.remove(roundId);
        files.ifPresent(folder -> folder.delete(roundId));
    }

    @Override
    public boolean complete(StoredRound seen, StoredRound completed, StoredTask seenTask, StoredTask mergedTask) {
        boolean done = sql.forced("complete a round", c -> {
            boolean both = RoundTable.advance(c, seen, completed) && replace(c, seenTask, mergedTask);
            if (!both) {
                c.rollback();
            }
            return both;
        });
        if (done) {
            forgetInputs(seen.id());
        }
        return done;
    }

    @Override
    public void addTokens(Collection<String> sha256, String population) {
        sql.transaction("add enrolment tokens", c -> {
            for (String token : sha256) {
                Sql.update(c, "insert into enrolment_token values (?, ?, '')", token, population);
            }
            return sha256.size();
        });
    }

    @Override
    public Optional<Token> findToken(String sha256) {
        return sql.transaction(
                "read an enrolment token",
                c -> Sql.find(
                        c,
                        row -> new Token(row.getString("population"), row.getString("device_id")),
                        "select * from enrolment_token where sha256 = ?",
                        sha256));
    }

    @Override
    public boolean redeem(String sha256, Device device) {
        return sql.unlessTaken("enrol a device", c -> {
            int spent = Sql.update(
                    c,
                    "update enrolment_token set device_id = ? where sha256 = ? and device_id = ''",
                    device.id(),
                    sha256);
            if (spent == 1) {
                Sql.update(
                        c,
                        "insert into device (id, signing_key, population, certificate) values (?, ?, ?, ?)",
                        device.id(),
                        device.signingKey(),
                        device.population(),
                        device.certificate());
            }
            return spent == 1;
        });
    }

    @Override
    public boolean renew(ByteString before, Device renewed) {
        return sql.unlessTaken(
                "renew a device's certificate",
                c -> Sql.update(
                                c,
                                "update device set signing_key = ?, certificate = ? where id = ? and signing_key = ?",
                                renewed.signingKey(),
                                renewed.certificate(),
                                renewed.id(),
                                before)
                        == 1);
    }

    @Override
    public Optional<Device> findDevice(String deviceId) {
        return sql.transaction(
                "read a device",
                c -> Sql.find(
                        c,
                        row -> new Device(
                                row.getString("id"),
                                Sql.bytes(row, "signing_key"),
                                row.getString("population"),
                                Sql.bytes(row, "certificate"),
                                row.getBoolean("revoked")),
                        "select * from device where id = ?",
                        deviceId));
    }

    @Override
    public boolean revoke(String deviceId) {
        return sql.transaction(
                "revoke a device", c -> Sql.update(c, "update device set revoked = true where id = ?", deviceId) == 1);
    }

    @Override
    public SortedMap<String, Long> devicesByPopulation() {
        SortedMap<String, Long> counts = new TreeMap<>();
        sql.transaction(
                "count devices",
                c -> Sql.each(
                        c,
                        row -> counts.put(row.getString(1), row.getLong(2)),
                        "select population, count(*) from device group by population"));
        return counts;
    }

    @Override
    public long devicesSeen(Instant since) {
        return sql.transaction(
                "count devices",
                c -> Sql.number(
                        c, "select count(distinct device_id) from nonce where sent >= ?", since.toEpochMilli()));
    }

    @Override
    public boolean saw(SeenDevice device, Instant since) {
        return sql.unlessTaken("remember a device", c -> {
            Optional<SeenDevice> before =
                    Sql.find(c, JdbcStore::seen, "select * from device_seen where device_id = ?", device.deviceId());
            if (before.isEmpty()) {
                return Sql.update(
                                c,
                                "insert into device_seen values (?, ?, ?, ?, ?, ?)",
                                device.deviceId(),
                                device.population(),
                                device.seen().toEpochMilli(),
                                device.agentVersion(),
                                device.deviceClass(),
                                device.examples())
                        == 1;
            }
            if (!before.get().equals(device)) {
                Sql.update(
                        c,
                        "update device_seen set seen = ?, agent_version = ?, device_class = ?, examples = ?"
                                + " where device_id = ?",
                        device.seen().toEpochMilli(),
                        device.agentVersion(),
                        device.deviceClass(),
                        device.examples(),
                        device.deviceId());
            }
            return before.get().seen().isBefore(since);
        });
    }

    private static SeenDevice seen(ResultSet row) throws SQLException {
        return new SeenDevice(
                row.getString("device_id"),
                row.getString("population"),
                Instant.ofEpochMilli(row.getLong("seen")),
                row.getInt("agent_version"),
                row.getString("device_class"),
                row.getString("examples"));
    }

    @Override
    public long devicesActive(String population, Instant since) {
        return sql.transaction(
                "count devices",
                c -> Sql.number(
                        c,
                        "select count(*) from device_seen where population = ? and seen >= ?",
                        population,
                        since.toEpochMilli()));
    }

    @Override
    public List<FleetPart> fleet(Instant since) {
        return sql.transaction(
                "count devices",
                c -> Sql.list(
                        c,
                        row -> new FleetPart(row.getString(1), row.getInt(2), row.getString(3), row.getLong(4)),
                        "select population, agent_version, device_class, count(*) from device_seen where seen >= ?"
                                + " group by population, agent_version, device_class"
                                + " order by population, agent_version, device_class",
                        since.toEpochMilli()));
    }

    @Override
    public boolean useNonce(String deviceId, ByteString nonce, Instant sent) {
        return sql.unlessTaken(
                "remember a nonce",
                c -> Sql.update(c, "insert into nonce values (?, ?, ?)", deviceId, nonce, sent.toEpochMilli()) == 1);
    }

    @Override
    public void forgetNonces(Instant sentBefore) {
        sql.transaction(
                "forget nonces", c -> Sql.update(c, "delete from nonce where sent < ?", sentBefore.toEpochMilli()));
    }

    @Override
    public boolean claim(String name, String owner, Instant now, Instant until) {
        return sql.unlessTaken("claim a lease", c -> {
            boolean renewed = Sql.update(
                            c,
                            "update lease set owner = ?, expires = ? where name = ? and (owner = ? or expires <= ?)",
                            owner,
                            until.toEpochMilli(),
                            name,
                            owner,
                            now.toEpochMilli())
                    == 1;
            return renewed
                    || Sql.update(c, "insert into lease values (?, ?, ?)", name, owner, until.toEpochMilli()) == 1;
        });
    }

    @Override
    public void release(String owner) {
        sql.transaction("release leases", c -> Sql.update(c, "delete from lease where owner = ?", owner));
    }

    @Override
    public boolean addAnswer(StoredAnswer answer) {
        return sql.unlessTaken(
                "take on a request",
                c -> Sql.update(
                                c,
                                "insert into answer values (?, ?, ?, ?, ?, ?, ?)",
                                answer.actor(),
                                answer.keySha256(),
                                answer.requestSha256(),
                                answer.at().toEpochMilli(),
                                answer.status(),
                                answer.contentType(),
                                answer.sealed())
                        == 1);
    }

    @Override
    public Optional<StoredAnswer> findAnswer(String actor, String keySha256) {
        return sql.transaction(
                "look for an answer",
                c -> Sql.find(
                        c,
                        row -> new StoredAnswer(
                                row.getString("actor"),
                                row.getString("key_sha256"),
                                row.getString("request_sha256"),
                                Instant.ofEpochMilli(row.getLong("at")),
                                row.getInt("status"),
                                row.getString("content_type"),
                                Sql.bytes(row, "sealed")),
                        "select * from answer where actor = ? and key_sha256 = ?",
                        actor,
                        keySha256));
    }

    @Override
    public boolean replaceAnswer(StoredAnswer seen, StoredAnswer next) {
        return sql.transaction(
                "keep an answer",
                c -> Sql.update(
                                c,
                                "update answer set request_sha256 = ?, at = ?, status = ?, content_type = ?, sealed = ?"
                                        + " where actor = ? and key_sha256 = ? and at = ? and status = ?",
                                next.requestSha256(),
                                next.at().toEpochMilli(),
                                next.status(),
                                next.contentType(),
                                next.sealed(),
                                seen.actor(),
                                seen.keySha256(),
                                seen.at().toEpochMilli(),
                                seen.status())
                        == 1);
    }

    @Override
    public void forgetAnswer(String actor, String keySha256) {
        sql.transaction(
                "forget a request",
                c -> Sql.update(c, "delete from answer where actor = ? and key_sha256 = ?", actor, keySha256));
    }

    @Override
    public void forgetAnswers(Instant before) {
        sql.transaction("forget answers", c -> Sql.update(c, "delete from answer where at < ?", before.toEpochMilli()));
    }

    @Override
    public boolean addAudit(AuditEntry entry) {
        return sql.unlessTaken(
                "add to the audit log",
                c -> Sql.update(
                                c,
                                "insert into audit values (?, ?, ?, ?, ?, ?)",
                                entry.position(),
                                entry.at().toEpochMilli(),
                                entry.actor(),
                                entry.action(),
                                entry.detail(),
                                entry.sha256())
                        == 1);
    }

    @Override
    public Optional<AuditEntry> findLastAudit() {
        return sql.transaction(
                "read the audit log",
                c -> Sql.find(c, JdbcStore::audit, "select * from audit order by position desc limit 1"));
    }

    @Override
    public List<AuditEntry> audit(long from, int max) {
        return sql.transaction(
                "read the audit log",
                c -> Sql.list(
                        c,
                        JdbcStore::audit,
                        "select * from audit where position >= ? order by position limit ?",
                        from,
                        max));
    }

    private static AuditEntry audit(ResultSet row) throws SQLException {
        return new AuditEntry(
                row.getLong("position"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("detail"),
                row.getString("sha256"));
    }

    @Override
    public boolean addMetadata(List<Metadata> files) {
        return sql.unlessTaken("publish metadata", c -> {
            for (Metadata file : files) {
                Sql.update(c, "insert into metadata values (?, ?, ?)", file.role(), file.version(), file.file());
            }
            return true;
        });
    }

    @Override
    public Optional<ByteString> findMetadata(String role, long version) {
        return sql.transaction(
                "read metadata",
                c -> Sql.find(
                        c,
                        row -> Sql.bytes(row, "file"),
                        "select file from metadata where role = ? and version = ?",
                        role,
                        version));
    }

    @Override
    public Map<String, ByteString> latestMetadata() {
        Map<String, ByteString> latest = new HashMap<>();
        sql.transaction(
                "read the latest metadata",
                c -> Sql.each(c, row -> latest.put(row.getString("role"), Sql.bytes(row, "file")), """
                        select m.role, m.file from metadata m
                        join (select role, max(version) as version from metadata group by role) l
                        on m.role = l.role and m.version = l.version"""));
        return latest;
    }

    @Override
    public boolean addLogEntry(long position, String entry) {
        return sql.unlessTaken(
                "add to the log",
                c -> Sql.update(
                                c,
                                "insert into log_entry select ?, ? where (select count(*) from log_entry) = ?",
                                position,
                                entry,
                                position)
                        == 1);
    }

    @Override
    public List<String> logEntries(long from) {
        return sql.transaction(
                "read the log",
                c -> Sql.list(
                        c,
                        row -> row.getString(1),
                        "select entry from log_entry where position >= ? order by position",
                        from));
    }

    @Override
    public Optional<StoredRollouts> findRollouts(String skill) {
        return sql.transaction(
                "read rollouts",
                c -> Sql.find(
                        c,
                        row -> new StoredRollouts(row.getLong("sequence"), row.getString("state")),
                        "select * from rollout where skill = ?",
                        skill));
    }

    @Override
    public boolean replaceRollouts(String skill, long seen, StoredRollouts next) {
        return sql.unlessTaken(
                "replace rollouts",
                c -> seen == 0
                        ? Sql.update(c, "insert into rollout values (?, ?, ?)", skill, next.sequence(), next.json())
                                == 1
                        : Sql.update(
                                        c,
                                        "update rollout set sequence = ?, state = ? where skill = ? and sequence = ?",
                                        next.sequence(),
                                        next.json(),
                                        skill,
                                        seen)
                                == 1);
    }

    @Override
    public List<String> rolloutSkills() {
        return sql.transaction(
                "list rollouts", c -> Sql.list(c, row -> row.getString(1), "select skill from rollout order by skill"));
    }

    @Override
    public Optional<StoredHalt> findHalt(String population) {
        return sql.transaction(
                "read a halt",
                c -> Sql.find(
                        c,
                        row -> new StoredHalt(
                                population,
                                row.getLong("sequence"),
                                row.getBoolean("halted"),
                                row.getString("because")),
                        "select * from training_halt where population = ?",
                        population));
    }

    @Override
    public boolean putHalt(StoredHalt next) {
        return sql.unlessTaken(
                "put a halt",
                c -> next.sequence() == 1
                        ? Sql.update(
                                        c,
                                        "insert into training_halt values (?, ?, ?, ?)",
                                        next.population(),
                                        next.sequence(),
                                        next.halted(),
                                        next.because())
                                == 1
                        : Sql.update(
                                        c,
                                        "update training_halt set sequence = ?, halted = ?, because = ?"
                                                + " where population = ? and sequence = ?",
                                        next.sequence(),
                                        next.halted(),
                                        next.because(),
                                        next.population(),
                                        next.sequence() - 1)
                                == 1);
    }
}
