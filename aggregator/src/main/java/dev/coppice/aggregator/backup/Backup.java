package dev.coppice.aggregator.backup;

import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.jdbc.TableCopy;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A backup: a zip file of {@code coppice-backup} (the format's number), {@code tables/}, {@code secrets/} and {@code blobs/}.
 * Tables are of one moment, without masked inputs that are in files: rounds that are open do not outlive a backup. Blobs are written before a table names them and never change, so all that are named are there.
 * It holds the aggregator's keys: whoever has it can sign in the aggregator's name.
 */
public final class Backup {
    private static final String MARK = "coppice-backup";
    private static final String FORMAT = "1";
    private static final String TABLES = "tables/";
    private static final String SECRETS = "secrets/";
    private static final String BLOBS = "blobs/";

    private final TableCopy tables;
    private final Store store;
    private final BlobStore blobs;
    private final Path secrets;

    /**
     * Backups of, and into, these.
     *
     * @param secrets folder of {@code keys/} and {@code operator.token}
     */
    public Backup(TableCopy tables, Store store, BlobStore blobs, Path secrets) {
        this.tables = tables;
        this.store = store;
        this.blobs = blobs;
        this.secrets = secrets;
    }

    /** Writes a backup, which its owner alone can read. @throws IOException also if the file exists */
    public void write(Path file) throws IOException {
        Files.createFile(file);
        ownerOnly(file);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, MARK, FORMAT.getBytes(StandardCharsets.US_ASCII));
            tables.write(table -> {
                zip.putNextEntry(new ZipEntry(TABLES + table));
                return new DataOutputStream(new FilterOutputStream(zip) {
                    @Override
                    public void write(byte[] bytes, int from, int count) throws IOException {
                        zip.write(bytes, from, count);
                    }
                });
            });
            for (Path secret : secrets()) {
                String name = secrets.relativize(secret).toString().replace('\\', '/');
                put(zip, SECRETS + name, Files.readAllBytes(secret));
            }
            for (String sha256 : blobs.all()) {
                put(zip, BLOBS + sha256, blobs.read(sha256));
            }
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private List<Path> secrets() throws IOException {
        try (Stream<Path> keys = Files.list(secrets.resolve("keys"))) {
            return Stream.concat(keys, Stream.of(secrets.resolve("operator.token")))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    /**
     * Restores a backup into a fresh aggregator that does not run. Rounds that were open are abandoned: what was said to
     * devices since is not known, and about one round survivors are named once.
     *
     * @throws IOException if the file is no backup or damaged, or anything is there already; tables are unchanged then
     */
    public void restore(Path file) throws IOException {
        read(file);
        for (StoredRound round : store.openRounds()) {
            if (!store.advance(round, round.aborted(AbortReason.RESTORED))) {
                throw new IOException(
                        "An aggregator runs on this database already: stop it, and restore into a fresh one");
            }
        }
    }

    private void read(Path file) throws IOException {
        if (Files.exists(secrets.resolve("operator.token"))) {
            throw new IOException(secrets + " has keys already. Backups are restored into fresh folders");
        }
        try (TableCopy.Reading reading = tables.reading();
                InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            ZipEntry mark = zip.getNextEntry();
            if (mark == null
                    || !mark.getName().equals(MARK)
                    || !new String(zip.readAllBytes(), StandardCharsets.US_ASCII).equals(FORMAT)) {
                throw new IOException(file + " is no backup of an aggregator, or one of a newer release");
            }
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                restore(entry.getName(), zip, reading);
            }
            reading.keep();
        }
    }

    private void restore(String name, ZipInputStream zip, TableCopy.Reading reading) throws IOException {
        if (name.startsWith(TABLES)) {
            reading.next(name.substring(TABLES.length()), new DataInputStream(zip));
        } else if (name.startsWith(SECRETS)) {
            Path target = secrets.resolve(name.substring(SECRETS.length())).normalize();
            if (!target.startsWith(secrets.normalize())) {
                throw new IOException("The backup is damaged: " + name);
            }
            Files.createDirectories(target.getParent());
            Files.createFile(target);
            ownerOnly(target);
            Files.write(target, zip.readAllBytes());
        } else if (name.startsWith(BLOBS)) {
            String sha256 = blobs.put(zip.readAllBytes());
            if (!name.equals(BLOBS + sha256)) {
                throw new IOException("The backup is damaged: " + name);
            }
        }
    }

    private static void ownerOnly(Path file) throws IOException {
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }
}
