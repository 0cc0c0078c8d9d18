package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.ShareInbox;
import org.junit.jupiter.api.Test;

/** The lines of this module's README, run for one device among others. */
class ReadmeExampleTest {
    @Test
    void theExampleOfTheReadmeTakesADeviceThroughARound() throws Exception {
        var world = new RoundWorld(31, 6, RoundWorld.terms(8, 0, 0.1));
        world.advertise();
        Advertised advertised = world.advertised(0);
        Roster roster = world.cohort().roster(0);
        for (int i = 1; i < 6; i++) {
            world.shared.put(i, world.advertised(i).share(world.cohort().roster(i)));
        }

        Shared shared = advertised.share(roster); // R1
        world.shared.put(0, shared);
        for (int i = 1; i < 6; i++) {
            world.masked.put(i, world.shared(i).mask(world.inbox(i), world.oneHot(i)));
        }
        ShareInbox inbox = world.inbox(0);
        int[] encoded = world.oneHot(0);

        Masked masked = shared.mask(inbox, encoded); // R2
        world.masked.put(0, masked);
        Signed survivors = world.signed(world.survivors());
        VerifyingKey serverKey = world.server.verifyingKey();

        Attested attested = masked.attest(survivors, serverKey); // R3
        world.attested.put(0, attested);
        for (int i = 1; i < 6; i++) {
            world.attested.put(i, world.masked(i).attest(survivors, serverKey));
        }
        Attestations attestations = world.attestations();
        AttestationRoll roll = attestations.roll();

        Sampling sampling = attested.sample(roll); // R4
        Openings openings = attestations.open(sampling.message());

        Unmasked unmasked = sampling.unmask(openings);
        world.unmasked.put(0, unmasked);
        for (int i = 1; i < 6; i++) {
            world.unmasked.put(i, world.unmask(i, attestations));
        }
        assertThat(world.sum()).containsExactly(1, 1, 1, 1, 1, 1, 0, 0);
    }
}
