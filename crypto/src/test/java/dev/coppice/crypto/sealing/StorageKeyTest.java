package dev.coppice.crypto.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StorageKeyTest {
    private static final byte[] CONTENT = "what I wrote to my doctor".getBytes(StandardCharsets.UTF_8);

    private final StorageKey key = key(1);

    @Test
    void whatWasSealedOpensInItsPlaceOnly() throws Exception {
        byte[] sealed = key.seal("examples", 3, CONTENT);
        assertThat(key.open("examples", 3, sealed)).isEqualTo(CONTENT);
        assertThat(sealed).hasSize(CONTENT.length + StorageKey.OVERHEAD_BYTES);
        refused("examples", 4, sealed);
        refused("ledger", 3, sealed);
        refused("exampler", 3, sealed);
        assertThatThrownBy(() -> key(2).open("examples", 3, sealed)).isInstanceOf(SealBrokenException.class);
    }

    @Test
    void everyChangedByteAndEveryCutIsNoticed() {
        byte[] sealed = key.seal("examples", 0, CONTENT);
        for (int at = 0; at < sealed.length; at++) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            refused("examples", 0, changed);
            refused("examples", 0, Arrays.copyOf(sealed, at));
        }
    }

    @Test
    void nothingOfTheContentIsInItAndNoTwoAreAlike() {
        String one = new String(key.seal("examples", 0, CONTENT), StandardCharsets.ISO_8859_1);
        String other = new String(key.seal("examples", 0, CONTENT), StandardCharsets.ISO_8859_1);
        assertThat(one).doesNotContain("doctor").isNotEqualTo(other);
        assertThat(key.toString()).isEqualTo("StorageKey");
    }

    @Test
    void aClosedKeySealsNothing() {
        StorageKey closed = key(3);
        closed.close();
        assertThatThrownBy(() -> closed.seal("examples", 0, CONTENT)).isInstanceOf(IllegalStateException.class);
    }

    private void refused(String name, long position, byte[] sealed) {
        assertThatThrownBy(() -> key.open(name, position, sealed)).isInstanceOf(SealBrokenException.class);
    }

    private static StorageKey key(long seed) {
        return StorageKey.of(secret(seed), new SeededBytes(seed + 100)::fill);
    }

    private static byte[] secret(long seed) {
        byte[] secret = new byte[StorageKey.SECRET_BYTES];
        new SeededBytes(seed).fill(secret);
        return secret;
    }
}
