package dev.coppice.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the log is found, what is not is not, and nobody takes anything out unnoticed. */
class PackLogTest {
    private static final SigningKey KEY = SigningKey.generate(new SeededBytes(1)::fill);
    private static final String NAME = "example.com/packs";

    private final PackLog log = new PackLog(NAME, KEY);
    private final Map<String, byte[]> instead = new HashMap<>();
    private final LogReader reader = new LogReader(this::serve, log.key());

    /** The test data of RFC 6962's reference implementation: eight leaves, and the roots of their first ones. */
    @Test
    void rootsAreThoseOfTheReferenceImplementation() {
        String[] leaves = {
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
        };
        String[] roots = {
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        };
        for (int size = 1; size <= leaves.length; size++) {
            byte[][] hashes = new byte[size][];
            for (int i = 0; i < size; i++) {
                hashes[i] = TreeHashes.leaf(HexFormat.of().parseHex(leaves[i]));
            }
            assertThat(HexFormat.of().formatHex(root(hashes, 0, size))).isEqualTo(roots[size - 1]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 255, 256, 257, 1000, 70_000})
    void everyEntryIsFoundAndEveryOlderLogIsContinued(int size) throws Exception {
        Optional<Checkpoint> seen = Optional.empty();
        int[] sizes = {1, size / 3, size / 2, size - 1, size};
        for (int at : sizes) {
            while (log.size() < at) {
                log.add("entry " + log.size());
            }
            Checkpoint latest = reader.latest(seen);
            assertThat(latest.size()).isEqualTo(log.size());
            seen = Optional.of(latest);
        }
        for (int i = 0; i < size; i += 1 + size / 50) {
            assertThat(log.position(Sha256.hex(("entry " + i).getBytes(StandardCharsets.UTF_8))))
                    .hasValue(i);
            reader.requireEntry(seen.orElseThrow(), "entry " + i, i);
        }
        reader.requireEntry(seen.orElseThrow(), "entry " + (size - 1), size - 1);
    }

    @Test
    void whatIsNotInTheLogIsNotFoundAnywhere() throws Exception {
        fill(300);
        Checkpoint latest = reader.latest(Optional.empty());
        for (long position : new long[] {-1, 0, 5, 255, 256, 298, 299, 300, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> reader.requireEntry(latest, "entry 298a", position))
                    .isInstanceOf(LogRefusedException.class);
        }
        assertThatThrownBy(() -> reader.requireEntry(latest, "entry 5", 6)).isInstanceOf(LogRefusedException.class);
    }

    @Test
    void aLogThatWasShortenedOrChangedIsRefused() throws Exception {
        fill(300);
        Optional<Checkpoint> seen = Optional.of(reader.latest(Optional.empty()));
        PackLog shorter = new PackLog(NAME, KEY);
        PackLog other = new PackLog(NAME, KEY);
        for (int i = 0; i < 500; i++) {
            if (i < 299) {
                shorter.add("entry " + i);
            }
            other.add(i == 17 ? "another" : "entry " + i);
        }
        for (PackLog forged : new PackLog[] {shorter, other}) {
            LogReader victim = new LogReader((path, max) -> forged.find(path), log.key());
            assertThatThrownBy(() -> victim.latest(seen)).isInstanceOf(LogRefusedException.class);
        }
        fill(500);
        assertThat(reader.latest(seen).size()).isEqualTo(500);
    }

    @Test
    void twoLogsOfOneSizeAreNotTheSame() throws Exception {
        fill(10);
        Optional<Checkpoint> seen = Optional.of(reader.latest(Optional.empty()));
        PackLog other = new PackLog(NAME, KEY);
        for (int i = 0; i < 10; i++) {
            other.add("other " + i);
        }
        LogReader victim = new LogReader((path, max) -> other.find(path), log.key());
        assertThatThrownBy(() -> victim.latest(seen)).isInstanceOf(LogRefusedException.class);
    }

    @Test
    void changedTilesAreRefused() throws Exception {
        fill(300);
        Checkpoint latest = reader.latest(Optional.empty());
        byte[] tile = log.find("tile/0/001.p/44").orElseThrow();
        tile[40] ^= 1;
        instead.put("tile/0/001.p/44", tile);
        assertThatThrownBy(() -> reader.requireEntry(latest, "entry 299", 299)).isInstanceOf(LogRefusedException.class);
        for (byte[] bad : new byte[][] {new byte[0], new byte[tile.length + 1]}) {
            instead.put("tile/0/001.p/44", bad);
            assertThatThrownBy(() -> reader.requireEntry(latest, "entry 299", 299))
                    .isInstanceOf(LogRefusedException.class);
        }
    }

    @Test
    void aCheckpointByAnotherKeyOrOfAnotherLogIsRefused() {
        fill(3);
        SigningKey stranger = SigningKey.generate(new SeededBytes(2)::fill);
        for (PackLog forged : new PackLog[] {new PackLog(NAME, stranger), new PackLog("example.com/other", KEY)}) {
            byte[] note = forged.find("checkpoint").orElseThrow();
            assertThatThrownBy(() -> Checkpoint.verified(note, log.key())).isInstanceOf(LogRefusedException.class);
        }
        String note = new String(log.find("checkpoint").orElseThrow(), StandardCharsets.UTF_8);
        for (String changed : new String[] {
            note.replace("\n3\n", "\n4\n"),
            note.replace("\n3\n", "\n03\n"),
            note.replace("\u2014", "-"),
            note.strip(),
            ""
        }) {
            boolean same = changed.equals(note);
            assertThat(same).isFalse();
            if (!changed.equals(note.strip())) {
                assertThatThrownBy(() -> Checkpoint.verified(changed.getBytes(StandardCharsets.UTF_8), log.key()))
                        .isInstanceOf(LogRefusedException.class);
            }
        }
    }

    @Test
    void signaturesOfWitnessesArePassedOver() throws Exception {
        fill(3);
        String note = new String(log.find("checkpoint").orElseThrow(), StandardCharsets.UTF_8);
        String witnessed =
                note + "\u2014 witness.example " + Base64.getEncoder().encodeToString(new byte[76]) + "\n";
        assertThat(Checkpoint.verified(witnessed.getBytes(StandardCharsets.UTF_8), log.key())
                        .size())
                .isEqualTo(3);
    }

    @Test
    void keysAndTilesAreWrittenAsC2spHasThem() throws Exception {
        assertThat(LogKey.parse(log.key().text())).isEqualTo(log.key());
        for (String bad : new String[] {
            "", "a+b+c", log.key().text() + "A", log.key().text().replace('e', 'f')
        }) {
            assertThatThrownBy(() -> LogKey.parse(bad)).isInstanceOf(LogRefusedException.class);
        }
        assertThat(new Tile(0, 1_234_067, 256).path()).isEqualTo("tile/0/x001/x234/067");
        assertThat(new Tile(Tile.ENTRIES, 0, 5).path()).isEqualTo("tile/entries/000.p/5");
        assertThat(Tile.parse("tile/1/x001/000.p/9")).contains(new Tile(1, 1000, 9));
        for (String bad : new String[] {
            "tile/0/0", "tile/0/x000/001", "tile/8/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/300", "x"
        }) {
            assertThat(Tile.parse(bad)).as(bad).isEmpty();
        }
        fill(300);
        assertThat(log.find("tile/0/000").orElseThrow()).hasSize(256 * 32);
        assertThat(log.find("tile/1/000.p/1").orElseThrow()).hasSize(32);
        assertThat(log.find("tile/0/001")).as("is not full yet").isEmpty();
        byte[] entries = log.find("tile/entries/001.p/44").orElseThrow();
        assertThat(entries).hasSize(44 * (2 + 9)).startsWith(0, 9, 'e', 'n', 't', 'r', 'y');
    }

    @FuzzTest
    void noBytesAreACheckpoint(byte @NotNull [] bytes) {
        assertThatThrownBy(() -> Checkpoint.verified(bytes, log.key())).isInstanceOf(LogRefusedException.class);
    }

    private void fill(int size) {
        while (log.size() < size) {
            log.add("entry " + log.size());
        }
    }

    private Optional<byte[]> serve(String path, long bytesMax) throws IOException {
        byte[] other = instead.get(path);
        return other != null ? Optional.of(other) : log.find(path);
    }

    /** The definition of RFC 6962, section 2.1, word by word. */
    private static byte[] root(byte[][] leaves, int begin, int end) {
        if (end - begin == 1) {
            return leaves[begin];
        }
        int split = begin + Integer.highestOneBit(end - begin - 1);
        return TreeHashes.node(root(leaves, begin, split), root(leaves, split, end));
    }
}
