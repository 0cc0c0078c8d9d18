package dev.coppice.crypto.sealing;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.Json;
import dev.coppice.crypto.Sha256;
import dev.coppice.testkit.TestData;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HpkeVectorsTest {
    private static final int HKDF_SHA256 = 1;

    /** hpke-pq's test-vectors.json, X-Wing with HKDF-SHA256: SHA-256 of public key and encapsulation, and the secret. */
    @Test
    void xWingIsThatOfThePublishedVectors() throws Exception {
        XWing kem = new XWing();
        byte[] secret = hex("3ec47fa82dd5689d27c6190e724c74ec8f608df3331ce331929e37b829676630");
        byte[] random = hex("2a1c0a3745fe8a48fb62034d300f54dfe1974a5b2e169e580a8789cb1cf5fd19"
                + "0fc00f3fd899594e01a8b15334b9f3fa03d8de44da86e19f5776850fb689e6c8");
        byte[] expected = hex("58200ed1f137bd95a921bb47f6aaecf2395b26f7fd24efd3a5ffae4849e8dea3");
        byte[] publicKey = kem.publicKey(secret);
        assertThat(Sha256.hex(publicKey)).isEqualTo("ad8aaf3f00d8a39bfeec2947a7d5dde68be08bba19bd301a348a45dc5fcc8341");
        byte[] shared = new byte[Kem.SECRET_BYTES];
        byte[] encapsulated = kem.encapsulate(publicKey, random, shared);
        assertThat(shared).isEqualTo(expected);
        assertThat(Sha256.hex(encapsulated))
                .isEqualTo("95c0a5fca31ea59f29bbc66255ad6637b5a476b3212886af11afdc8930aeb772");
        assertThat(kem.decapsulate(secret, publicKey, encapsulated)).isEqualTo(expected);
    }

    @Test
    void everyMessageAndSecretOfRfc9180IsMet() throws Exception {
        assertThat(met("vectors/hpke-rfc9180/vectors_rfc9180_5f503c5.json.gz", new DhKem(), "skEm"))
                .isEqualTo(2 * (257 + 3));
    }

    @Test
    void everyMessageAndSecretOfHpkePqIsMet() throws Exception {
        assertThat(met("vectors/hpke-pq/test-vectors.json", new XWing(), "ikmE"))
                .isEqualTo(10 + 5);
    }

    /** Goes through the rows of one KEM, in base mode with HKDF-SHA256 and a cipher of ours; how much it compared. */
    private static int met(String file, Kem kem, String random) throws Exception {
        int compared = 0;
        for (Json row : Json.read(TestData.find(file)).list()) {
            List<Aead> aead = Arrays.stream(Aead.values())
                    .filter(one -> one.id() == row.number("aead_id"))
                    .toList();
            if (row.number("mode") == 0
                    && row.number("kem_id") == kem.id()
                    && row.number("kdf_id") == HKDF_SHA256
                    && !aead.isEmpty()) {
                compared += met(row, kem, aead.get(0), row.hex(random));
            }
        }
        return compared;
    }

    private static int met(Json row, Kem kem, Aead aead, byte[] random) throws Exception {
        byte[] publicKey = kem.publicKey(row.hex("skRm"));
        assertThat(publicKey).isEqualTo(row.hex("pkRm"));
        Hpke.Sender sender = Hpke.sender(
                kem, aead, publicKey, row.hex("info"), bytes -> System.arraycopy(random, 0, bytes, 0, bytes.length));
        byte[] encapsulated = sender.encapsulated().bytes();
        assertThat(encapsulated).isEqualTo(row.hex("enc"));
        HpkeContext receiver = Hpke.receiver(kem, aead, row.hex("skRm"), publicKey, encapsulated, row.hex("info"));
        int compared = 0;
        for (Json message : row.at("encryptions").list()) {
            byte[] sealed = sender.context().seal(message.hex("aad"), message.hex("pt"));
            assertThat(sealed).isEqualTo(message.hex("ct"));
            assertThat(receiver.open(message.hex("aad"), sealed)).isEqualTo(message.hex("pt"));
            compared++;
        }
        for (Json export : row.at("exports").list()) {
            byte[] exported = receiver.export(export.hex("exporter_context"), export.number("L"));
            assertThat(exported).isEqualTo(export.hex("exported_value"));
            assertThat(sender.context().export(export.hex("exporter_context"), export.number("L")))
                    .isEqualTo(exported);
            compared++;
        }
        return compared;
    }
}
