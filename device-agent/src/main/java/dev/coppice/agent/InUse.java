package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.agent.install.PersonalAdapter;
import dev.coppice.agent.install.ShelvedPack;
import java.io.IOException;
import java.util.Optional;

/**
 * The weights that are in use at one moment. Immutable.
 *
 * @param version of the installed pack; 0 if none
 * @param binding names what a personal adapter may be trained from: this kit and this pack
 * @param pack of the installed pack, or the kit's own where there is none
 * @param personal on top of that pack, if there is one
 */
record InUse(long version, String binding, AdapterWeights pack, Optional<PersonalAdapter> personal) {
    /** Reads what is on disk. A pack for another base model or kit (the app has changed) counts as none. */
    static InUse read(Home home, Kit kit) throws IOException {
        Optional<ShelvedPack> fitting =
                home.packs().installed().filter(pack -> pack.fits(kit.modelSha256(), kit.sha256()));
        if (fitting.isEmpty()) {
            return with(home, kit, 0, kit.sha256(), kit.initial());
        }
        ShelvedPack pack = fitting.get();
        try {
            AdapterWeights weights = PackContents.weights(pack.files(), kit);
            return with(home, kit, pack.version(), kit.sha256() + " " + pack.id(), weights);
        } catch (PackRefusedException e) {
            return with(home, kit, 0, kit.sha256(), kit.initial());
        }
    }

    /** The best there is. */
    AdapterWeights best() {
        return personal.map(PersonalAdapter::weights).orElse(pack);
    }

    Source bestSource() {
        if (personal.isPresent()) {
            return Source.PERSONAL;
        }
        return version > 0 ? Source.PACK : Source.BASE;
    }

    private static InUse with(Home home, Kit kit, long version, String binding, AdapterWeights pack)
            throws IOException {
        return new InUse(version, binding, pack, home.personal().find(binding, kit.layout()));
    }
}
