package dev.coppice.simulator.audit;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.SealedShares;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.audit.Uniformity;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All steps of one round of secure aggregation, the devices' and the server's, with the checks that both make. Devices
 * that have shared and are not masked have dropped out.
 */
final class AuditedRound {
    private final VerifiedTerms terms;
    private final Cohort cohort;
    private final SealedShares sealed;
    private final List<Shared> shared = new ArrayList<>();
    private final Map<Integer, Masked> masked = new TreeMap<>();
    private final List<int[]> inputs = new ArrayList<>();
    private final MaskedSum sum;

    /**
     * Lets all members advertise, open their nonces and share.
     *
     * @param members in the canonical order, that of their identifiers
     * @param random of the devices' keys and seeds
     */
    AuditedRound(VerifiedTerms terms, List<Member> members, VerifyingKey authority, RandomSource random, Instant now)
            throws RoundRefusedException, CohortRefusedException, MessageRefusedException {
        this.terms = terms;
        sum = new MaskedSum(terms);
        List<Advertised> advertised = new ArrayList<>();
        List<Advertisement> advertisements = new ArrayList<>();
        for (Member member : members) {
            Advertised step = MaskingClient.advertise(terms, member, Peers.of(authority), now, random);
            advertised.add(step);
            advertisements.add(MaskingServer.checked(terms, step.message(), authority, now));
        }
        cohort = opened(MaskingServer.close(terms, advertisements), advertised);
        Map<Integer, ShareBundle> bundles = new HashMap<>();
        for (int i = 0; i < advertised.size(); i++) {
            Shared step = advertised.get(i).share(cohort.roster(i));
            shared.add(step);
            bundles.put(i, MaskingServer.checked(cohort, i, step.message()));
        }
        sealed = new SealedShares(cohort, bundles);
    }

    private static Cohort opened(ClosedCohort closed, List<Advertised> advertised)
            throws RoundRefusedException, CohortRefusedException, MessageRefusedException {
        Map<Integer, NonceOpening> openings = new HashMap<>();
        for (int i = 0; i < advertised.size(); i++) {
            if (closed.contributes(i)) {
                openings.put(
                        i, MaskingServer.checked(closed, i, advertised.get(i).open(closed.closed(i))));
            }
        }
        return closed.with(openings);
    }

    /** Lets one device mask and upload what it encoded. */
    void mask(int device, int[] encoded) throws RoundRefusedException, MessageRefusedException {
        Masked step = shared.get(device).mask(sealed.inbox(device), encoded);
        sum.add(step.message());
        inputs.add(new Uniformity(terms.bits()).values(step.message(), terms.paddedDimension()));
        masked.put(device, step);
    }

    /** What the server got of each device, in the order of {@link #mask}. */
    List<int[]> inputs() {
        return List.copyOf(inputs);
    }

    /** Lets those who masked attest and unmask. */
    int[] unmask(SigningKey server)
            throws RoundRefusedException, CohortRefusedException, MessageRefusedException, SharesMissingException {
        BitSet sharing = new BitSet();
        sharing.set(0, shared.size());
        BitSet staying = new BitSet();
        masked.keySet().forEach(staying::set);
        Survivors survivors = MaskingServer.survivors(cohort, sharing, staying);
        Signed signed = SignedMessages.sign(server, Purpose.SURVIVORS, survivors);
        Map<Integer, Attested> attested = new TreeMap<>();
        Map<Integer, Attestation> attestations = new HashMap<>();
        for (Map.Entry<Integer, Masked> device : masked.entrySet()) {
            Attested step = device.getValue().attest(signed, server.verifyingKey());
            attested.put(device.getKey(), step);
            attestations.put(device.getKey(), MaskingServer.checked(cohort, signed, device.getKey(), step.message()));
        }
        Attestations all = MaskingServer.attestations(cohort, attestations);
        Map<Integer, Unmasking> unmaskings = new HashMap<>();
        for (Map.Entry<Integer, Attested> device : attested.entrySet()) {
            Sampling sampling = device.getValue().sample(all.roll());
            Unmasking message = sampling.unmask(all.open(sampling.message())).message();
            unmaskings.put(device.getKey(), MaskingServer.checked(cohort, survivors, device.getKey(), message));
        }
        return MaskingServer.unmask(cohort, 0, sealed, survivors, sum, unmaskings)
                .values();
    }
}
