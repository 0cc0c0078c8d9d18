package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import java.time.Instant;

/**
 * What stays the same for a device through all steps of a round.
 *
 * @param now by the device's own clock when it entered: what others' certificates are judged against
 */
record DeviceRound(
        VerifiedTerms terms, Member member, Credential credential, Peers peers, Instant now, RandomSource random) {}
