package dev.coppice.aggregator.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.FullStore;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.Rows;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.jdbc.TableCopy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A backup is all of an aggregator at one moment, for its owner's eyes; it is restored whole, into nothing, or not at all. */
@ExtendWith(Postgres.class)
class BackupFileTest {
    private static final byte[] BLOB = "an adapter".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path shared;

    /** An aggregator with something of everything, its backup, and one that nothing was restored into. */
    private static Side from;

    private static Path file;
    private static Side to;

    @TempDir
    Path folder;

    @BeforeAll
    static void backUp() throws IOException {
        from = Side.embedded(shared.resolve("from"));
        from.makeSecrets();
        from.blobs().put(new byte[70_000]);
        FullStore.fill(from.store(), from.blobs().put(BLOB));
        file = shared.resolve("backup.zip");
        from.backup().write(file);
        to = Side.embedded(shared.resolve("to"));
    }

    @AfterAll
    static void close() {
        from.close();
        to.close();
    }

    @Test
    void allComesBackInTheOtherDatabase() throws Exception {
        try (Side postgresql = Side.postgresql(folder.resolve("postgresql"));
                Side again = Side.embedded(folder.resolve("again"))) {
            assertThat(Rows.of(from.database()).values()).as("of each table").noneMatch(List::isEmpty);
            from.backup().write(folder.resolve("1.zip"));
            postgresql.backup().restore(folder.resolve("1.zip"));
            assertRestored(from, postgresql);

            StoredRound open = StoredRound.opening("r-new", "t-9", 7, ByteString.EMPTY, Instant.EPOCH);
            assertThat(postgresql.store().open(open, 1)).isTrue();
            StoredTask oldest = postgresql.store().tasks().getLast();
            StoredTask changed = oldest.withBuffer(ByteString.copyFromUtf8("waiting")); // and its row is elsewhere
            assertThat(postgresql.store().replaceTask(oldest, changed)).isTrue();
            postgresql.backup().write(folder.resolve("2.zip"));
            again.backup().restore(folder.resolve("2.zip"));
            assertRestored(postgresql, again);
        }
    }

    /** Abandons the rounds that are open in what a backup was made of: for the rest, both are alike. */
    private static void assertRestored(Side from, Side to) throws Exception {
        for (StoredRound round : from.store().openRounds()) {
            assertThat(from.store().advance(round, round.aborted(AbortReason.RESTORED)))
                    .isTrue();
        }
        assertThat(Rows.of(to.database())).isEqualTo(Rows.of(from.database()));
        assertThat(to.store().tasks()).extracting(StoredTask::id).containsExactlyElementsOf(FullStore.TASKS.reversed());
        for (String name : Side.SECRETS) {
            assertThat(to.secret(name)).isEqualTo(from.secret(name));
            assertThat(permissions(to.secrets().resolve(name))).isEqualTo("rw-------");
        }
        for (String sha256 : from.blobs().all()) {
            assertThat(to.blobs().read(sha256)).isEqualTo(from.blobs().read(sha256));
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void itIsForItsOwnersEyesAndInNobodysPlace() throws Exception {
        assertThat(permissions(file)).isEqualTo("rw-------");
        byte[] first = Files.readAllBytes(file);
        assertThatIOException().isThrownBy(() -> from.backup().write(file)).withMessageContaining("name another file");
        assertThat(file).hasBinaryContent(first);
        assertThatIOException()
                .isThrownBy(() -> from.backup().write(file.resolveSibling("nowhere/a.zip")))
                .withMessageContaining("make it first");
    }

    @Test
    void whatCannotBeBackedUpWholeIsNot() throws Exception {
        Path part = folder.resolve("part.zip");
        assertThatThrownBy(() -> to.backup().write(part)).hasMessageContaining("no keys");
        TableCopy tables = new TableCopy(from.database());
        assertThatThrownBy(() -> new Backup(tables, new Failing(), from.secrets()).write(part))
                .isInstanceOf(StoreException.class);
        assertThat(part).doesNotExist();
        Path blob = from.blobs().find(from.blobs().put(BLOB)).orElseThrow();
        Files.write(blob, new byte[] {1});
        assertThatThrownBy(() -> from.backup().write(part)).hasMessageContaining("damaged");
        assertThat(part).doesNotExist();
        Files.write(blob, BLOB);
    }

    /** Cannot be reached. */
    private static final class Failing implements BlobStore {
        @Override
        public String put(byte[] bytes) {
            throw new StoreException("away");
        }

        @Override
        public Optional<Path> find(String sha256) {
            throw new StoreException("away");
        }

        @Override
        public List<String> all() {
            throw new StoreException("away");
        }

        @Override
        public byte[] read(String sha256) {
            throw new StoreException("away");
        }
    }

    /** As a replica that goes on meanwhile: it stores a blob, then a table names it. */
    @Test
    void everyBlobThatATableNamesIsInIt() throws Exception {
        try (Side side = Side.embedded(folder.resolve("side"));
                Side restored = Side.embedded(folder.resolve("restored"))) {
            side.makeSecrets();
            BlobStore busy = new BlobStore() {
                @Override
                public List<String> all() throws IOException {
                    List<String> before = side.blobs().all();
                    FullStore.fill(side.store(), side.blobs().put(BLOB));
                    return before;
                }

                @Override
                public String put(byte[] bytes) throws IOException {
                    return side.blobs().put(bytes);
                }

                @Override
                public Optional<Path> find(String sha256) {
                    return side.blobs().find(sha256);
                }

                @Override
                public byte[] read(String sha256) throws IOException {
                    return side.blobs().read(sha256);
                }
            };
            Path busyBackup = folder.resolve("busy.zip");
            new Backup(new TableCopy(side.database()), busy, side.secrets()).write(busyBackup);
            restored.backup().restore(busyBackup);
            assertThat(side.store().tasks()).isNotEmpty();
            for (StoredTask task : restored.store().tasks()) {
                assertThat(restored.blobs().find(task.candidateSha256())).isPresent();
            }
        }
    }

    private static void assertRefused(Path restored, String what) throws Exception {
        String before = to.content();
        assertThatThrownBy(() -> to.backup().restore(restored)).as(what).isInstanceOf(IOException.class);
        assertThat(to.content()).as(what).isEqualTo(before);
    }

    /** Also where an entry ends, so that all that is left reads well. */
    @Test
    void aFileThatEndsEarlyIsRefused() throws Exception {
        byte[] whole = Files.readAllBytes(file);
        List<Integer> cuts = new ArrayList<>(starts(whole, (byte) 3, (byte) 4)); // entries
        cuts.addAll(starts(whole, (byte) 1, (byte) 2).subList(0, 2)); // the list of them
        Collections.addAll(cuts, 0, 1, whole.length / 2, whole.length - 1);
        for (int cut : cuts) {
            Path part = folder.resolve("part.zip");
            Files.write(part, Arrays.copyOf(whole, cut));
            assertRefused(part, "cut at " + cut);
        }
    }

    /** Where what is written as {@code PK} and these two bytes begins. */
    private static List<Integer> starts(byte[] zip, byte third, byte fourth) {
        List<Integer> starts = new ArrayList<>();
        for (int i = 0; i + 3 < zip.length; i++) {
            if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == third && zip[i + 3] == fourth) {
                starts.add(i);
            }
        }
        assertThat(starts).hasSizeGreaterThan(20);
        return starts;
    }

    /** In each entry: its head, the last letter of its name, what is in it. */
    @Test
    void aFileThatWasChangedIsRefused() throws Exception {
        byte[] whole = Files.readAllBytes(file);
        for (int start : starts(whole, (byte) 3, (byte) 4)) {
            int name = whole[start + 26];
            for (int at : List.of(start, start + 29 + name, start + 33 + name)) {
                byte[] changed = whole.clone();
                changed[at] ^= 1;
                Path bad = folder.resolve("changed.zip");
                Files.write(bad, changed);
                assertRefused(bad, "changed at " + at);
            }
        }
    }

    private static Map<String, byte[]> entries(Path file) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    /** A well-formed file, with other entries. */
    private Path with(Consumer<Map<String, byte[]>> change) throws IOException {
        Map<String, byte[]> entries = entries(file);
        change.accept(entries);
        Path other = folder.resolve("other.zip");
        try (OutputStream out = Files.newOutputStream(other);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return other;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsNoBackupOfThisReleaseIsRefused() throws Exception {
        Path text = folder.resolve("text");
        Files.writeString(text, "no zip file");
        assertRefused(text, "text");
        assertRefused(folder.resolve("nothing"), "nothing");
        assertRefused(with(Map::clear), "empty");
        assertRefused(with(all -> all.put("coppice-backup", ascii("2"))), "a later format");
        assertRefused(with(all -> all.remove("coppice-backup")), "without its mark");
        assertRefused(
                with(all -> {
                    all.clear();
                    all.put("number", ascii("1"));
                }),
                "another zip file");
        assertRefused(with(all -> all.put("tables/later", ascii("\0\0\0\0\0"))), "an unknown table");
        String command = "log_entry (position, entry) select 99, 'x' --";
        assertRefused(with(all -> all.put("tables/" + command, ascii("\0\0\0\0\1\0"))), "a command as a table");
        byte[] column = ascii("\0\0\0\1\0\43entry, position) select ?, 99 --\1s\0\0\0\1x\0");
        column[5] = (byte) "entry, position) select ?, 99 --".length();
        assertRefused(with(all -> all.put("tables/log_entry", column)), "a command as a column");
        assertRefused(with(all -> all.put("tables/lease", ascii("\0\0\0\1\0\5later\0"))), "an unknown column");
        byte[] steps = entries(file).getOrDefault("tables/step", BLOB);
        steps[new String(steps, StandardCharsets.ISO_8859_1).indexOf("n\1")] = '?'; // for none, at the end of a row
        assertRefused(with(all -> all.put("tables/step", steps)), "an unknown value");
        assertRefused(with(all -> all.put("tables/lease", ascii("\0\0\0\1\0\4name\1s\177\0\0\0"))), "a short value");
        byte[] negative = ascii("\0\0\0\1\0\4name\1s\0\0\0\0");
        negative[12] = -1;
        assertRefused(with(all -> all.put("tables/lease", negative)), "a value of no length");
        assertRefused(with(all -> all.put("later/x", BLOB)), "an unknown kind");
    }

    @Test
    void noSecretGoesToAnyOtherPlace() throws Exception {
        Path outside = folder.resolve("outside");
        for (String name : List.of(
                "../outside",
                "keys/../../outside",
                "keys/../../../outside",
                outside.toAbsolutePath().toString(),
                "keys/..",
                "keys/.hidden",
                "keys/deeper/server.key",
                "",
                "keys/",
                "lock",
                "coppice.mv.db")) {
            assertRefused(with(all -> all.put("secrets/" + name, BLOB)), name);
        }
        assertThat(outside).doesNotExist();
    }

    @Test
    void nothingIsRestoredOntoAnything() throws Exception {
        for (String name : Side.SECRETS) {
            Path secret = to.secrets().resolve(name);
            Files.createDirectories(secret.resolveSibling(""));
            Files.writeString(secret, "mine");
            assertRefused(file, name);
            assertThat(secret).hasContent("mine");
            Files.delete(secret);
        }
        assertThat(to.store().claim("lease", "owner", Instant.EPOCH, Instant.EPOCH))
                .isTrue();
        assertRefused(file, "a row");
        to.store().release("owner");
    }

    /** The last of the blobs is the last that is read. */
    @Test
    void aBlobThatIsAnotherIsRefusedAndNoSecretStays() throws Exception {
        String last = new ArrayList<>(entries(file).keySet()).getLast();
        assertThat(last).startsWith("blobs/");
        assertRefused(with(all -> all.put(last, ascii("another"))), "changed");
        assertRefused(with(all -> all.put("blobs/" + "0".repeat(64), BLOB)), "under another name");
    }

    @Test
    void noTableAndNoSecretStaysWhereOneSecretCannotBeWritten() throws Exception {
        Files.createDirectories(to.secrets());
        Files.writeString(to.secrets().resolve("scraper"), "no folder");
        assertRefused(file, "no folder");
        Files.delete(to.secrets().resolve("scraper"));
    }
}
