package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.VerifyingKey;

/**
 * A device's side of a round: {@code advertise → share → mask → unmask}. Each step gives an object that has the message
 * to send (as often as it takes) and that leads to the next step exactly once; its secrets move on with it. Close
 * whichever step was reached last: closing wipes. Nothing of a step can be stored: a device that restarts is out of the
 * round, and so can never reveal the second share of anybody. For one thread at a time.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class MaskingClient {
    private MaskingClient() {}

    /**
     * Step R0: fresh keys for one round.
     *
     * @param enrolmentAuthority whose certificates the device accepts
     * @throws RoundRefusedException if the member's own certificate is not one of them
     */
    public static Advertised advertise(
            VerifiedTerms terms, Member member, VerifyingKey enrolmentAuthority, RandomSource random)
            throws RoundRefusedException {
        throw new UnsupportedOperationException();
    }
}
