package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import dev.coppice.agent.checkin.OwnRules;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.NoisePlan;
import java.util.Optional;

/**
 * What the devices of a fleet insist on, whoever signed the terms. They are all alike in this, so that terms which one of them
 * agreed to are not judged again. For any number of threads.
 */
final class FleetRules {
    private final OwnRules rules;
    private final FleetMaterial material;
    private volatile Optional<Agreed> last = Optional.empty();

    private record Agreed(ByteString terms, NoisePlan noise) {}

    /** @param noiseMultiplierMin that each device's owner asks for */
    FleetRules(FleetMaterial material, double noiseMultiplierMin) {
        this.material = material;
        rules = new OwnRules(
                FleetMaterial.SKILL,
                material.model().sha256(),
                material.kit().spec(),
                noiseMultiplierMin,
                Integer.MAX_VALUE,
                false,
                false);
    }

    /** How to encode an update, and the privacy that this gives. */
    NoisePlan judge(VerifiedTerms verified) throws StayOutException {
        ByteString terms = ByteString.copyFrom(verified.hash());
        Optional<Agreed> known = last.filter(one -> one.terms().equals(terms));
        if (known.isPresent()) {
            return known.get().noise();
        }
        NoisePlan noise =
                rules.judge(verified, material.kit().sha256(), material.kit().layout());
        last = Optional.of(new Agreed(terms, noise));
        return noise;
    }
}
