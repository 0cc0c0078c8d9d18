package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.VerifyingKey;

/** What stays the same for a device through all steps of a round. */
record DeviceRound(
        VerifiedTerms terms,
        Member member,
        Credential credential,
        VerifyingKey enrolmentAuthority,
        RandomSource random) {}
