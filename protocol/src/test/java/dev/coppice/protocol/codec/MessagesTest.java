package dev.coppice.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.testkit.SeededBytes;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
    private static final List<Parser<? extends MessageLite>> ALL = List.of(
            Signed.parser(),
            DeviceRequest.parser(),
            DeviceCertificate.parser(),
            EnrolRequest.parser(),
            Advertisement.parser(),
            CheckIn.parser(),
            MaskedInput.parser(),
            Poll.parser(),
            Roster.parser(),
            RoundReply.parser(),
            RoundTerms.parser(),
            ShareBundle.parser(),
            ShareInbox.parser(),
            Survivors.parser(),
            Unmasking.parser());

    private final Roster roster = Roster.newBuilder()
            .setCohortSize(3)
            .setRoot(ByteString.copyFrom(new byte[32]))
            .setOwn(RosterEntry.newBuilder()
                    .setIndex(1)
                    .setAdvertisement(Advertisement.newBuilder()
                            .setRoundId("round-1")
                            .setCertificate(Signed.newBuilder().setPayload(ByteString.copyFromUtf8("x")))))
            .setProof(ByteString.copyFrom(new byte[32]))
            .build();

    @Test
    void aMessageWithinItsLimitIsReadFromBytesAndByteStrings() throws MessageMalformedException {
        byte[] bytes = roster.toByteArray();
        assertThat(Messages.parse(Roster.parser(), bytes, bytes.length)).isEqualTo(roster);
        assertThat(Messages.parse(Roster.parser(), roster.toByteString(), bytes.length))
                .isEqualTo(roster);
    }

    @Test
    void oneByteMoreThanAllowedIsRefused() {
        byte[] bytes = roster.toByteArray();
        assertThatThrownBy(() -> Messages.parse(Roster.parser(), bytes, bytes.length - 1))
                .isInstanceOf(MessageMalformedException.class);
        assertThatThrownBy(() -> Messages.parse(Roster.parser(), roster.toByteString(), bytes.length - 1))
                .isInstanceOf(MessageMalformedException.class);
    }

    @Test
    void aLengthBeyondTheBytesIsRefusedWithoutAllocatingIt() {
        byte[] twoGigabytes = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};
        assertThatThrownBy(() -> Messages.parse(Signed.parser(), twoGigabytes, 100))
                .isInstanceOf(MessageMalformedException.class);
    }

    @Test
    void aRefusalDoesNotRepeatTheContent() {
        assertThatThrownBy(() -> Messages.parse(Poll.parser(), new byte[] {0x0a, 1, (byte) 0xff}, 100))
                .isInstanceOf(MessageMalformedException.class)
                .hasMessage("Not the expected message")
                .hasNoCause();
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whateverIsDoneToAMessageItIsReadOrRefused(long seed) {
        Random random = new Random(seed);
        SeededBytes bytes = new SeededBytes(seed);
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] changed = roster.toByteArray();
            byte[] noise = new byte[2];
            bytes.fill(noise);
            changed[random.nextInt(changed.length)] = noise[0];
            changed[random.nextInt(changed.length)] ^= noise[1];
            read += readsAll(changed);
        }
        assertThat(read).as("some get through, most of some kinds do not").isBetween(1, 5_000 * ALL.size() - 1);
    }

    @FuzzTest
    void noBytesCauseAnythingButAMessageOrARefusal(byte[] bytes) {
        readsAll(bytes);
    }

    /** How many parsers take the bytes; any other exception than the refusal fails the test. */
    private static int readsAll(byte[] bytes) {
        int read = 0;
        for (Parser<? extends MessageLite> parser : ALL) {
            try {
                MessageLite message = Messages.parse(parser, bytes, Limits.PAYLOAD_BYTES_MAX);
                assertThat(Messages.parse(parser, message.toByteArray(), Integer.MAX_VALUE))
                        .isEqualTo(message);
                read++;
            } catch (MessageMalformedException refused) {
                assertThat(refused).hasNoCause();
            }
        }
        return read;
    }
}
