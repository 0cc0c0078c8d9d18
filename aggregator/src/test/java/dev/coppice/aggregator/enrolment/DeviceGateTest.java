package dev.coppice.aggregator.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.limits.Buckets;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.Poll;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests of one enrolled device, by a clock that is set. */
class DeviceGateTest {
    private static final String PATH = "/v1/rounds/r-1/poll";
    private static final int PAYLOAD_BYTES_MAX = 100;
    private static final int ENVELOPE_BYTES = 1024;

    private final MemoryStore store = new MemoryStore();
    private final SigningKey key = SigningKey.generate(new SeededBytes(1)::fill);
    private final ManualClock clock = ManualClock.atNewYear();
    private final DeviceGate gate = new DeviceGate(store, new Buckets(0, 0), clock);

    @BeforeEach
    void enrol() {
        String token = new EnrolmentDesk(store, key, new SeededBytes(2)::fill, clock)
                .tokens(1, "home")
                .get(0);
        ByteString signingKey = ByteString.copyFrom(key.verifyingKey().bytes());
        Device device = new Device("d-1", signingKey, "home", ByteString.EMPTY, false);
        assertThat(store.redeem(Sha256.hex(HexFormat.of().parseHex(token)), device))
                .isTrue();
    }

    private Arrival signed(Instant created, int number) {
        byte[] body = Poll.newBuilder().setRoundId("r-1").build().toByteArray();
        Map<String, String> headers = RequestSignature.sign(
                key, "d-1", created, "nonce-%010d".formatted(number), new RequestSignature.Request("POST", PATH, body));
        return new Arrival("POST", PATH, name -> Optional.ofNullable(headers.get(name)), body);
    }

    private void open(Arrival arrival) throws RequestRefusedException {
        gate.open(arrival, Purpose.POLL, Poll.parser(), PAYLOAD_BYTES_MAX);
    }

    private void assertRefused(Kind kind, Arrival arrival) {
        assertThatThrownBy(() -> open(arrival))
                .isInstanceOfSatisfying(
                        RequestRefusedException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    /** By a clock that is five minutes fast a request is fresh for ten. */
    @Test
    void aRequestIsTakenOnceForAsLongAsItIsFresh() throws Exception {
        Instant start = clock.instant();
        open(signed(start, 1));
        clock.set(start.plusSeconds(1));
        Arrival recorded = signed(clock.instant().plus(Duration.ofMinutes(5)), 2);
        open(recorded);
        for (int second : new int[] {2, 300, 599, 600, 601}) {
            clock.set(start.plusSeconds(second));
            open(signed(clock.instant(), 100 + second));
            assertRefused(Kind.CONFLICT, recorded);
        }
        clock.set(start.plusSeconds(602));
        assertRefused(Kind.UNAUTHENTICATED, recorded);
    }

    @Test
    void aBodyIsAsLongAsAMessageAndItsEnvelopeAtMost() {
        assertRefused(Kind.MALFORMED, unsigned(PAYLOAD_BYTES_MAX + ENVELOPE_BYTES));
        assertRefused(Kind.TOO_LARGE, unsigned(PAYLOAD_BYTES_MAX + ENVELOPE_BYTES + 1));
    }

    private static Arrival unsigned(int bytes) {
        return new Arrival("POST", PATH, name -> Optional.empty(), new byte[bytes]);
    }
}
