package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.round.RoundWorld.Turn;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.DeviceSpent;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A round's life under a clock that the test moves; cohorts of 5 to 10, of which 3 in 10 may drop out. */
abstract class RoundLifeContract {
    @TempDir
    Path folder;

    RoundWorld world;

    abstract Store open(String name) throws Exception;

    RoundWorld world(Store store, int rounds) throws Exception {
        return new RoundWorld(store, folder.resolve("blobs"), 10, rounds);
    }

    @BeforeEach
    void tenDevicesAndTwoRounds() throws Exception {
        world = world(open("test"), 2);
    }

    private void assertAborted(AbortReason reason) throws Exception {
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);
        assertThat(world.round(1).reason()).isEqualTo(reason);
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING); // the next one opens by itself
        for (Step step : Step.values()) {
            assertThat(world.store.messages(world.round(1).id(), step)).isEmpty();
        }
        assertThat(world.actors.get(0).poll(Poll.Step.ROSTER).getOver().getCode())
                .isEqualTo(Over.Code.ABORTED);
    }

    @Test
    void aRoundMovesOnByItselfWhenAllHaveAnswered() throws Exception {
        world.all(0, 10, Actor::advertise);
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        world.all(0, 10, Actor::share);
        assertThat(world.round(1).phase()).isEqualTo(Phase.MASKING);
        world.all(0, 10, Actor::mask);
        assertThat(world.round(1).phase()).isEqualTo(Phase.ATTESTING);
        world.all(0, 10, Actor::attest);
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        world.all(0, 10, Actor::unmask);
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.counts(world.round(1))).containsOnly(1).hasSize(10);
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING);
        assertThat(world.actors.get(0).poll(Poll.Step.SURVIVORS).getOver().getCode())
                .isEqualTo(Over.Code.COMPLETED);
    }

    /** Whatever step they are at: nothing is summed up, nothing is opened, and devices are told that it is over. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aHaltEndsRoundsThatAreOpen(int steps) throws Exception {
        List<Turn> turns = List.of(Actor::advertise, Actor::share, Actor::mask, Actor::attest, Actor::unmask);
        for (Turn turn : turns.subList(0, steps - 1)) {
            world.all(0, 10, turn);
        }
        world.all(0, 9, turns.get(steps - 1));
        HaltDesk desk = new HaltDesk(world.store, world.server);
        desk.decide("others", true, "not these");
        world.keeper.tick();
        assertThat(world.round(1).phase().isOver()).isFalse();
        desk.decide("home", true, "something is wrong");
        if (steps > 1) {
            world.all(9, 10, turns.get(steps - 1)); // who waited for the last one would go on
        }
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.HALTED);
        assertThat(world.round(1).resultSha256()).isEmpty();
        assertThat(world.store.rounds(world.taskId)).hasSize(1);
        for (Step step : Step.values()) {
            assertThat(world.store.messages(world.round(1).id(), step)).isEmpty();
        }
        assertThat(world.actors.get(0).poll(Poll.Step.ROSTER).getOver().getCode())
                .isEqualTo(Over.Code.ABORTED);
        world.deadline();
        assertThat(world.store.rounds(world.taskId)).hasSize(1);

        desk.decide("home", false, "mended");
        world.keeper.tick();
        world.all(0, 10, Actor::advertise);
        assertThat(world.round(2).phase()).isEqualTo(Phase.SHARING);
    }

    @Test
    void aHaltLeavesARoundThatNobodyJoinedForLater() throws Exception {
        HaltDesk desk = new HaltDesk(world.store, world.server);
        VerifiedTerms trainedFor = world.actors.get(0).terms();
        desk.decide("home", true, "something is wrong");
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ADVERTISING);
        Actor late = world.actors.get(0); // it had begun to train before
        world.intake.advertise(late.device, trainedFor.roundId(), late.advertisement(trainedFor));
        world.keeper.tick();
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.HALTED);
    }

    /** From what one of its members was shown, who can therefore tell whether a pack's provenance is about its round. */
    @Test
    void aRoundIsRememberedByTermsRosterAndSurvivorsWhenItsMessagesAreGone() throws Exception {
        world.all(0, 10, Actor::advertise);
        Actor member = world.actors.get(3);
        byte[] root = member.poll(Poll.Step.ROSTER).getRoster().getRoot().toByteArray();
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        world.deadline();
        byte[] survivors =
                member.poll(Poll.Step.SURVIVORS).getSurvivors().getPayload().toByteArray();
        world.all(0, 9, Actor::attest);
        world.all(0, 9, Actor::unmask);
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        byte[] terms = Signed.parseFrom(world.round(1).terms()).getPayload().toByteArray();
        byte[] label = "coppice/v1/TRANSCRIPT\0".getBytes(StandardCharsets.US_ASCII);
        assertThat(world.round(1).result().transcriptSha256())
                .isEqualTo(Sha256.hex(label, Sha256.hash(terms), root, Sha256.hash(survivors)));
        assertThat(world.round(1).result().devices()).isEqualTo(9);
    }

    @Test
    void aDeviceIsToldWhatItSpentHereOnceItsMaskedInputWasTaken() throws Exception {
        Actor told = world.actors.get(0);
        Actor silent = world.actors.get(9);
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        assertThat(told.checkIn().hasSpent()).isFalse();
        world.all(0, 9, Actor::mask);
        Signed signed = told.checkIn().getSpent();
        DeviceSpent spent =
                DeviceSpent.parseFrom(SignedMessages.verified(signed, world.serverKey(), Purpose.DEVICE_SPENT));
        assertThat(spent.getDeviceId()).isEqualTo(told.device.id());
        assertThat(spent.getParticipations()).isEqualTo(1);
        assertThat(spent.getRho()).as("no noise").isInfinite();
        assertThat(silent.checkIn().hasSpent()).isFalse();
    }

    @Test
    void aDeviceThatSpentItsBudgetHereIsLeftAloneUntilThatIsOld() throws Exception {
        Duration period = Duration.ofDays(30);
        Actor spent = world.actors.get(0);
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        world.deadline();
        world.deadline();
        assertThat(world.round(2).phase()).isEqualTo(Phase.ADVERTISING);
        Duration since = RoundWorld.PHASE.multipliedBy(2);
        CheckInDesk desk = world.checkIns(new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, 1, period));
        assertThat(spent.checkIn().hasAssignment()).as("without that budget").isTrue();
        assertThat(world.actors.get(9).checkIn(desk).hasAssignment()).isTrue();
        assertThat(spent.checkIn(desk).getComeBack().getAfterMillis())
                .isEqualTo((int) Duration.ofDays(1).toMillis());
        world.clock.advance(period.minus(since).minusMillis(5));
        assertThat(spent.checkIn(desk).getComeBack().getAfterMillis()).isEqualTo(5);
        world.clock.advance(Duration.ofMillis(5));
        assertThat(spent.checkIn(desk).hasAssignment()).isTrue();
        assertThat(spent.checkIn(desk).hasSpent()).as("it is still told").isTrue();
    }

    @Test
    void deadlinesLeaveOutWhoIsSilentAtAnyStep() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 9, Actor::share);
        world.deadline();
        world.all(0, 8, Actor::mask);
        world.deadline();
        world.all(0, 7, Actor::attest);
        world.deadline();
        world.all(0, 6, Actor::unmask);
        world.deadline();
        assertThat(world.counts(world.round(1))).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
    }

    @Test
    void aPhaseIsNotClosedBeforeItsDeadlineWithoutAnOperator() throws Exception {
        world.all(0, 9, Actor::advertise);
        world.clock.advance(RoundWorld.PHASE.minus(Duration.ofMillis(1)));
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ADVERTISING);
        assertThat(world.keeper.close(world.round(1).id())).isTrue();
        assertThat(world.round(1).phase()).isEqualTo(Phase.SHARING);
        assertThat(world.keeper.close("nothing")).isFalse();
    }

    @Test
    void aRoundThatNobodyJoinsWaitsAndUsesNothingUp() throws Exception {
        world.deadline();
        world.deadline();
        assertThat(world.store.rounds(world.taskId)).hasSize(1);
        assertThat(world.round(1).phase()).isEqualTo(Phase.ADVERTISING);
    }

    @Test
    void tooFewDevicesAbandonTheRound() throws Exception {
        world.all(0, 4, Actor::advertise);
        world.deadline();
        assertAborted(AbortReason.TOO_FEW_DEVICES);
    }

    @Test
    void tooFewSharesAbandonTheRound() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 6, Actor::share);
        Actor tardy = world.actors.get(6);
        ShareBundle late = tardy.bundle();
        world.deadline();
        assertAborted(AbortReason.TOO_FEW_SHARED);
        assertThat(world.intake
                        .share(tardy.device, tardy.roundId, late)
                        .getOver()
                        .getCode())
                .isEqualTo(Over.Code.ABORTED);
    }

    @Test
    void tooFewMaskedInputsAbandonTheRoundBeforeAnybodyIsAskedToUnmask() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 6, Actor::mask);
        world.deadline();
        assertAborted(AbortReason.TOO_FEW_MASKED);
        assertThat(world.round(1).survivors().isEmpty()).isTrue();
    }

    /** Six of ten are more than half, and all but twice the three that may drop out. */
    @Test
    void tooFewAttestationsAbandonTheRound() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
        world.all(0, 5, Actor::attest);
        world.deadline();
        assertAborted(AbortReason.TOO_FEW_ATTESTED);
    }

    @Test
    void tooFewSharesOfSecretsAbandonTheRound() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
        world.all(0, 10, Actor::attest);
        world.all(0, 3, Actor::unmask);
        world.deadline();
        assertAborted(AbortReason.SHARES_MISSING);
    }

    @Test
    void abandonedRoundsAreUsedUpToo() throws Exception {
        for (int i = 0; i < 2; i++) {
            world.all(0, 4, Actor::advertise);
            world.deadline();
        }
        world.keeper.tick();
        assertThat(world.store.rounds(world.taskId)).hasSize(2);
        assertThat(world.store.findTask(world.taskId).orElseThrow().state()).isEqualTo(StoredTask.State.COMPLETED);
        assertThat(world.actors.get(0).checkIn().getComeBack().getAfterMillis()).isGreaterThanOrEqualTo(60_000);
    }

    @Test
    void aMaskedInputAfterTheSurvivorsAreFixedIsTooLate() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 9, Actor::mask);
        MaskedInput late = world.actors.get(9).masked();
        world.deadline();
        Actor tardy = world.actors.get(9);
        assertThat(tardy.mask(late).getOver().getCode()).isEqualTo(Over.Code.TOO_LATE);
        world.all(0, 9, Actor::attest);
        world.all(0, 9, Actor::unmask);
        assertThat(world.counts(world.round(1))).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 0);
    }

    @Test
    void aRetriedMaskedInputIsCountedOnceAndAnotherOneRefused() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        Actor eager = world.actors.get(0);
        MaskedInput input = eager.masked();
        for (int i = 0; i < 3; i++) {
            assertThat(eager.mask(input).hasReceived()).isTrue();
        }
        MaskedInput other = world.actors.get(1).masked();
        assertThatThrownBy(() -> eager.mask(other)).isInstanceOf(RequestRefusedException.class);
        world.settle();
        assertThat(world.round(1).tally().masked()).isEqualTo(1);
    }

    @Test
    void aDeviceThatIsInTheRoundIsNotGivenItAgain() throws Exception {
        Actor device = world.actors.get(0);
        device.advertise();
        assertThat(device.checkIn().hasComeBack()).isTrue();
        assertThat(world.actors.get(1).checkIn().hasAssignment()).isTrue();
    }

    /** Each check stands between one device's mistake and everybody else's round. */
    @Test
    void aMessageThatBreaksARuleIsRefusedAndNotCounted() throws Exception {
        Actor bad = world.actors.get(0);
        Advertisement advertisement = bad.advertisement();
        assertRefused(() -> world.intake.advertise(
                bad.device,
                bad.roundId,
                advertisement.toBuilder()
                        .setNonceSha256(ByteString.copyFrom(new byte[32]))
                        .build()));
        assertRefused(() -> world.intake.advertise(world.actors.get(1).device, bad.roundId, advertisement));
        assertRefused(() -> world.intake.advertise(bad.device, "another-round", advertisement));
        assertThat(world.round(1).tally().advertised()).isZero();
        world.intake.advertise(bad.device, bad.roundId, advertisement);
        world.all(1, 10, Actor::advertise);

        ShareBundle shares = bad.bundle();
        assertRefused(() -> world.intake.share(
                bad.device, bad.roundId, shares.toBuilder().removeShares(0).build()));
        assertRefused(() -> world.intake.share(world.actors.get(1).device, bad.roundId, shares));
        assertThat(world.round(1).tally().shared()).isZero();
        world.intake.share(bad.device, bad.roundId, shares);
        world.all(1, 10, Actor::share);

        MaskedInput input = bad.masked();
        assertRefused(() -> bad.mask(
                input.toBuilder().setPacked(input.getPacked().substring(1)).build()));
        assertThat(world.round(1).tally().masked()).isZero();
        bad.mask(input);
        world.all(1, 10, Actor::mask);

        Attestation attestation = bad.attestation();
        assertRefused(() -> world.intake.attest(
                bad.device,
                bad.roundId,
                attestation.toBuilder()
                        .setSignature(ByteString.copyFrom(new byte[64]))
                        .build()));
        assertRefused(() -> world.intake.attest(world.actors.get(1).device, bad.roundId, attestation));
        Sample early = Sample.newBuilder().setRoundId(bad.roundId).addIndices(1).build();
        assertThat(world.polls.sample(bad.device, bad.roundId, early).hasWait()).isTrue();
        assertThat(world.round(1).tally().attested()).isZero();
        world.intake.attest(bad.device, bad.roundId, attestation);
        world.all(1, 10, Actor::attest);
        assertRefused(() -> world.polls.sample(
                bad.device, bad.roundId, early.toBuilder().setRoundId("round-0").build()));

        Unmasking unmasking = bad.unmasking();
        assertRefused(() -> world.intake.unmask(
                bad.device,
                bad.roundId,
                unmasking.toBuilder().addShares(unmasking.getShares(0)).build()));
        assertThat(world.round(1).tally().unmasked()).isZero();
        world.intake.unmask(bad.device, bad.roundId, unmasking);
        world.all(1, 10, Actor::unmask);
        assertThat(world.counts(world.round(1))).containsOnly(1).hasSize(10);
    }

    @Test
    void aDeviceOfAnotherPopulationIsNotLetIntoTheRound() throws Exception {
        Actor office = world.actor("office");
        assertRefused(() -> office.checkIn("home"));
        assertThat(office.checkIn("office").hasComeBack()).isTrue();
        VerifiedTerms terms = world.actors.get(0).terms();
        Advertisement member = world.actors.get(0).advertisement(terms);
        assertRefused(() -> world.intake.advertise(office.device, terms.roundId(), member));
        Advertisement own = office.advertisement(terms); // the others would refuse the whole cohort
        assertRefused(() -> world.intake.advertise(office.device, terms.roundId(), own));
        assertThat(world.round(1).tally().advertised()).isZero();
    }

    @Test
    void aDeviceWhoseCertificateIsOverIsNotLetIntoTheRound() throws Exception {
        Actor old = world.actors.get(0);
        Advertisement advertisement = old.advertisement();
        world.clock.advance(Duration.ofDays(90));
        assertRefused(() -> world.intake.advertise(old.device, old.roundId, advertisement));
        assertThat(world.round(1).tally().advertised()).isZero();
    }

    @Test
    void nobodyIsShownAStepBeforeItsTime() throws Exception {
        Actor early = world.actors.get(0);
        early.advertise();
        for (Poll.Step step : List.of(Poll.Step.ROSTER, Poll.Step.INBOX, Poll.Step.SURVIVORS, Poll.Step.ATTESTATIONS)) {
            assertThat(early.poll(step).hasWait()).as(step.name()).isTrue();
        }
        world.all(1, 10, Actor::advertise);
        early.share();
        assertThat(early.poll(Poll.Step.INBOX).hasWait()).isTrue();
        world.all(1, 10, Actor::share);
        early.mask();
        assertThat(early.poll(Poll.Step.SURVIVORS).hasWait()).isTrue();
        world.all(1, 10, Actor::mask);
        early.attest();
        assertThat(early.poll(Poll.Step.ATTESTATIONS).hasWait()).isTrue();
    }

    /** Or else what one rotation leaves large stays large in each round. */
    @Test
    void eachRoundIsRotatedInItsOwnWay() throws Exception {
        Actor device = world.actors.get(0);
        ByteString first = device.terms().terms().getEncoding().getRotationSeed();
        world.all(0, 4, Actor::advertise);
        world.deadline();
        assertThat(device.terms().terms().getEncoding().getRotationSeed()).isNotEqualTo(first);
    }

    /** Every update here is a unit vector: at a clip norm of 1 nobody is clipped, so the norm sinks by a step each round. */
    @Test
    void anAdaptiveClipFollowsTheCountThatTheSumHolds() throws Exception {
        world = new RoundWorld(
                open("adaptive"), folder.resolve("adaptive"), 10, 3, new RoundWorld.Extras("""
                {"kind": "adaptive", "quantile": 0.5, "rate": 0.4}""", "null", "null"));
        double clip = 1;
        for (int number = 1; number <= 3; number++) {
            Encoding encoding = world.terms(number).getEncoding();
            assertThat(encoding.getClipNorm()).isCloseTo(clip, within(0.02 * clip));
            assertThat(encoding.getDimension()).isEqualTo(RoundWorld.DIMENSION + 1);
            world.all(0, 10, Actor::advertise);
            world.all(0, 10, Actor::share);
            world.all(0, 10, Actor::mask);
            world.all(0, 10, Actor::attest);
            world.all(0, 10, Actor::unmask);
            assertThat(world.round(number).phase()).isEqualTo(Phase.COMPLETED);
            boolean clipped = number > 1; // at exactly 1 none is, below 1 all are
            clip *= Math.exp(-0.4 * ((clipped ? 0 : 1) - 0.5));
        }
    }

    /** Devices are told to add none; what they put in are unit vectors, so whatever else is in the mean is noise. */
    @Test
    void theCandidateHoldsTheServersNoiseWhereTheTermsPromiseIt() throws Exception {
        world = new RoundWorld(
                open("noise"),
                folder.resolve("noise"),
                10,
                1,
                new RoundWorld.Extras("null", "null", "null", "\"server\""));
        RoundTerms terms = world.terms(1);
        assertThat(terms.getPrivacy().getSource()).isEqualTo(NoiseSource.SERVER);
        assertThat(terms.getEncoding().getNoiseSigma()).isZero();
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
        world.all(0, 10, Actor::attest);
        world.all(0, 10, Actor::unmask);
        StoredRound round = world.round(1);
        assertThat(round.phase()).isEqualTo(Phase.COMPLETED);
        float[] mean = Safetensors.read(world.blobs.read(round.resultSha256())).toArray();
        double squares = 0;
        for (int i = 10; i < mean.length; i++) {
            squares += Math.pow(10 * mean[i], 2);
        }
        double promised =
                terms.getPrivacy().getServerSigma() / terms.getEncoding().getScale();
        assertThat(promised).isGreaterThan(0.3);
        assertThat(Math.sqrt(squares / (mean.length - 10))).isBetween(0.6 * promised, 1.5 * promised);
    }

    /** By the clock its lease would hold others up for some time more. */
    @Test
    void aRoundGoesOnAtOnceWhenTheProcessThatHadItStops() throws Exception {
        world = new RoundWorld(open("hand-over"), folder.resolve("hand-over"), 10, 1, RoundWorld.Extras.NONE);
        String lease = "merge/" + world.taskId;
        Instant now = world.clock.instant();
        assertThat(world.store.claim(lease, "another", now, now.plusSeconds(20)))
                .isTrue();
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
        world.all(0, 10, Actor::attest);
        world.all(0, 10, Actor::unmask);
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.UNMASKING);
        world.store.release("another");
        world.keeper.tick();
        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.store.claim(lease, "another", now, now.plusSeconds(20)))
                .isFalse();
        world.keeper.handOver();
        assertThat(world.store.claim(lease, "another", now, now.plusSeconds(20)))
                .isTrue();
    }

    /** It signed what it released, and its neighbour what it had committed to: no word of anybody is believed. */
    @Test
    void aDeviceThatReleasedAWrongShareIsInNoCohortAnyMore() throws Exception {
        world = new RoundWorld(open("faults"), folder.resolve("faults"), 10, 2, RoundWorld.Extras.NONE);
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
        world.all(0, 10, Actor::attest);
        Actor bad = world.actors.get(0);
        Unmasking honest = bad.unmasking();
        byte[] share = honest.getShares(0).getShare().toByteArray();
        share[0] ^= 1;
        Unmasking wrong = honest.toBuilder()
                .setShares(0, honest.getShares(0).toBuilder().setShare(ByteString.copyFrom(share)))
                .build();
        world.intake.unmask(bad.device, bad.roundId, wrong);
        world.all(1, 10, Actor::unmask);

        assertThat(world.round(1).phase()).isEqualTo(Phase.COMPLETED);
        assertThat(world.counts(world.round(1))).containsOnly(1);
        assertThat(world.store.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.deviceId()).isEqualTo(bad.device.id());
            assertThat(fault.kind()).isEqualTo("WRONG_SHARE_RELEASED");
        });
        assertThat(bad.checkIn().hasComeBack()).isTrue();
        Actor good = world.actors.get(1);
        assertThat(good.checkIn().hasAssignment()).isTrue();
        Advertisement uninvited = bad.advertisement(good.terms());
        assertThatThrownBy(() -> world.intake.advertise(bad.device, bad.roundId, uninvited))
                .hasMessageContaining("suspended");
        good.advertise();
    }

    @Test
    void whoMissedAStepIsToldSoAndShownNothingMore() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 9, Actor::share);
        world.deadline();
        assertTold(Over.Code.TOO_LATE, 9, Poll.Step.INBOX);
        world.all(0, 8, Actor::mask);
        world.deadline();
        assertTold(Over.Code.TOO_LATE, 8, Poll.Step.SURVIVORS);
        world.all(0, 7, Actor::attest);
        world.deadline();
        assertTold(Over.Code.TOO_LATE, 7, Poll.Step.SURVIVORS);
        assertTold(Over.Code.TOO_LATE, 7, Poll.Step.ATTESTATIONS);
        Actor left = world.actors.get(7);
        Sample sample =
                Sample.newBuilder().setRoundId(left.roundId).addIndices(1).build();
        assertThat(world.polls
                        .sample(left.device, left.roundId, sample)
                        .getOver()
                        .getCode())
                .isEqualTo(Over.Code.TOO_LATE);
        Actor stranger = world.actor("home");
        stranger.roundId = world.round(1).id();
        assertThat(stranger.poll(Poll.Step.SURVIVORS).getOver().getCode()).isEqualTo(Over.Code.NOT_A_MEMBER);
    }

    private void assertTold(Over.Code code, int device, Poll.Step awaits) throws Exception {
        assertThat(world.actors.get(device).poll(awaits).getOver().getCode()).isEqualTo(code);
    }

    private static void assertRefused(ThrowingCallable request) {
        assertThatThrownBy(request).isInstanceOf(RequestRefusedException.class);
    }
}
