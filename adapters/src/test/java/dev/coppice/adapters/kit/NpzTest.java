package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NpzTest {
    private static final String HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";

    @Test
    void anArrayIsRead() throws IOException {
        byte[] npy = npy(HEADER, 8);
        npy[npy.length - 1] = 0x40;
        assertThat(Npz.entry(npy).floats()).containsExactly(0, 2);
        assertThat(Npz.entry(npy).shape).containsExactly(1, 2);
    }

    @Test
    void whatIsNoSuchArrayIsRefused() {
        assertThatThrownBy(() -> Npz.entry(npy(HEADER, 7))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Npz.entry(npy(HEADER.replace("f4", "f8"), 8))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Npz.entry(npy(HEADER.replace("False", "True"), 8)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Npz.entry(npy(HEADER.replace("(1, 2)", "(999999999, 999999999)"), 8)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Npz.entry(Arrays.copyOf(npy(HEADER, 8), 20))).isInstanceOf(IOException.class);
    }

    @FuzzTest
    void anyBytesAreAnArrayOrRefused(byte[] npy) {
        try {
            Npz.Entry entry = Npz.entry(npy);
            assertThat(entry.floats().length).isLessThanOrEqualTo(npy.length);
            assertThat(entry.wholes().length).isLessThanOrEqualTo(npy.length);
        } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    private static byte[] npy(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        byte[] npy = new byte[10 + text.length + dataBytes];
        byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0};
        System.arraycopy(magic, 0, npy, 0, magic.length);
        System.arraycopy(text, 0, npy, magic.length, text.length);
        return npy;
    }
}
