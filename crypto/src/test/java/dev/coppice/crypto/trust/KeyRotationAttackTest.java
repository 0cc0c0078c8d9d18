package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.holders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys that are replaced, and keys that want to replace others. */
class KeyRotationAttackTest {
    private final TestRepository repository = new TestRepository();

    @Test
    void aRootThatOnlyItsOwnKeysSignedIsRefused() throws Exception {
        List<Signatory> attackers = holders("attackers", 5);
        repository.rootHolders = attackers;
        repository.rotate(attackers);
        refused(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aRootThatItsOwnKeysDidNotSignIsRefused() {
        List<Signatory> old = repository.rootHolders;
        repository.rootHolders = holders("new root", 5);
        repository.rotate(old);
        refused(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aRootThatBothSignedIsFollowedThroughManyRotations() throws Exception {
        for (int i = 0; i < 4; i++) {
            List<Signatory> signers = new ArrayList<>(repository.rootHolders.subList(0, 3));
            repository.rootHolders = holders("root of " + i, 5);
            signers.addAll(repository.rootHolders.subList(2, 5));
            repository.rotate(signers);
        }
        repository.publishNext();
        repository.refresh();
        assertThat(repository.kept.version(Role.ROOT)).isEqualTo(5);
        repository.refresh();
        assertThat(repository.requests.get(0)).isEqualTo("metadata/6.root.json");
    }

    @Test
    void keysThatWereReplacedDoNotCountAnyMore() throws Exception {
        repository.refresh();
        List<Signatory> old = repository.timestampHolders;
        repository.timestampHolders = holders("new timestamp", 1);
        repository.rotate(repository.rootHolders);
        repository.nextTimestamp();
        repository.publishTimestamp(old);
        refused(MetadataRefusedException.Unsigned.class);
        repository.publishTimestamp(repository.timestampHolders);
        repository.refresh();
    }

    @Test
    void targetsThatAreKeptUnderKeysThatWereReplacedAreFetchedAnew() throws Exception {
        repository.refresh();
        repository.targetsHolders = holders("new targets", 3);
        repository.rotate(repository.rootHolders);
        refused(MetadataRefusedException.Unsigned.class); // the same file, which the old keys signed
        repository.publishNext();
        repository.refresh();
    }

    @Test
    void aLaterRootThatIsKeptOutlivesAnOlderPinnedOne() throws Exception {
        repository.rotate(repository.rootHolders);
        repository.refresh();
        repository.files.remove("metadata/2.root.json");
        repository.refresh();
        assertThat(repository.requests.get(0)).isEqualTo("metadata/3.root.json");
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }
}
