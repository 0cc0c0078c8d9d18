package dev.coppice.aggregator.backup;

import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.folder.PrivateFile;
import dev.coppice.aggregator.store.jdbc.TableCopy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
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

    /** No other name is written to, so that none leads out of the folder. */
    private static final Pattern SECRET =
            Pattern.compile("keys/[A-Za-z0-9][A-Za-z0-9._-]*|operator[.]token|scraper/token");

    private static final List<String> TOKENS = List.of("operator.token", "scraper/token");

    private final TableCopy tables;
    private final BlobStore blobs;
    private final Path secrets;

    /**
     * Backups of, and into, these.
     *
     * @param secrets folder of {@code keys/} and tokens
     */
    public Backup(TableCopy tables, BlobStore blobs, Path secrets) {
        this.tables = tables;
        this.blobs = blobs;
        this.secrets = secrets;
    }

    /**
     * Writes a backup, which its owner alone can read.
     *
     * @throws IOException also if the file exists, or there are no keys; nothing is left of it then
     */
    public void write(Path file) throws IOException {
        List<String> names = secrets();
        if (names.isEmpty()) {
            throw new IOException(secrets + " has no keys: it is not where an aggregator's are");
        }
        try {
            PrivateFile.create(file);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " is there already, and a backup takes nothing's place: name another file", e);
        } catch (NoSuchFileException e) {
            throw new IOException("There is no folder for " + file + ": make it first", e);
        }
        try {
            write(file, names);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private void write(Path file, List<String> secretNames) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
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
            for (String name : secretNames) {
                put(zip, SECRETS + name, Files.readAllBytes(secrets.resolve(name)));
            }
            for (String sha256 : blobs.all()) {
                put(zip, BLOBS + sha256, blobs.read(sha256));
            }
        }
    }

    /** Names of the secrets that are there. */
    private List<String> secrets() throws IOException {
        Path keys = secrets.resolve("keys");
        try (Stream<Path> all = Files.isDirectory(keys) ? Files.list(keys) : Stream.empty()) {
            return Stream.concat(TOKENS.stream(), all.map(key -> "keys/" + key.getFileName()))
                    .filter(name -> SECRET.matcher(name).matches() && Files.isRegularFile(secrets.resolve(name)))
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
     * @throws IOException if the file is no backup, damaged or not whole, or anything is there already; tables and secrets are
     *     unchanged then
     */
    public void restore(Path file) throws IOException {
        if (!secrets().isEmpty()) {
            throw new IOException(secrets + " has keys already. Backups are restored into fresh folders");
        }
        try (TableCopy.Reading reading = tables.reading()) {
            Map<String, byte[]> read = read(file, reading);
            reading.abandonOpenRounds(AbortReason.RESTORED);
            keep(read, reading);
        }
    }

    /** Reads tables and blobs. @return the secrets by their names */
    private Map<String, byte[]> read(Path file, TableCopy.Reading reading) throws IOException {
        List<String> names = names(file);
        Map<String, byte[]> read = new LinkedHashMap<>();
        List<String> met = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                ZipInputStream zip = new ZipInputStream(in)) {
            requireMark(file, zip);
            met.add(MARK);
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName();
                if (name.startsWith(TABLES)) {
                    reading.next(name.substring(TABLES.length()), new DataInputStream(zip));
                } else if (name.startsWith(SECRETS)) {
                    read.put(secret(name), zip.readAllBytes());
                } else if (!name.equals(BLOBS + blobs.put(zip.readAllBytes()))) {
                    throw new IOException("The backup is damaged: " + name);
                }
                met.add(name);
            }
        }
        if (!met.equals(names)) {
            throw new IOException("The backup is damaged: what is in it is not what it lists");
        }
        return read;
    }

    /** What a file lists at its end: one that ends early has no list. */
    private static List<String> names(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        } catch (ZipException e) {
            throw new IOException(file + " is no backup of an aggregator, or only a part of one", e);
        }
    }

    private static void requireMark(Path file, ZipInputStream zip) throws IOException {
        ZipEntry first = zip.getNextEntry();
        if (first == null
                || !first.getName().equals(MARK)
                || !new String(zip.readAllBytes(), StandardCharsets.US_ASCII).equals(FORMAT)) {
            throw new IOException(file + " is no backup of an aggregator, or one of a newer release");
        }
    }

    private static String secret(String entry) throws IOException {
        String name = entry.substring(SECRETS.length());
        if (!SECRET.matcher(name).matches()) {
            throw new IOException("The backup is damaged: " + entry);
        }
        return name;
    }

    /** Secrets and tables, or neither. */
    private void keep(Map<String, byte[]> read, TableCopy.Reading reading) throws IOException {
        try {
            for (Map.Entry<String, byte[]> secret : read.entrySet()) {
                Path target = secrets.resolve(secret.getKey());
                Files.createDirectories(target.resolveSibling(""));
                PrivateFile.writeIfAbsent(target, secret.getValue());
            }
            reading.keep();
        } catch (IOException | RuntimeException e) {
            for (String name : read.keySet()) {
                Files.deleteIfExists(secrets.resolve(name));
            }
            throw e;
        }
    }
}
