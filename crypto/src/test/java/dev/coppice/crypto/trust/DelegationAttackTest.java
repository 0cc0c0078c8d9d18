package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.holders;
import static dev.coppice.crypto.trust.TestRepository.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Roles that vouch for what is not theirs, by whom it is not theirs to say, or in circles. */
class DelegationAttackTest {
    private final TestRepository repository = new TestRepository();

    @Test
    void aDelegatedRoleThatOthersSignedIsRefused() throws Exception {
        repository.delegate(Delegation.of("candidates", keys(holders("candidates", 1), 1), "c/*"));
        repository.delegatedHolders.put("candidates", holders("attackers", 1));
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThatThrownBy(() -> view.find("c/1")).isInstanceOf(MetadataRefusedException.Unsigned.class);
        assertThatThrownBy(() -> view.delegated("candidates")).isInstanceOf(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aDelegatedRoleIsJudgedByWhoDelegatesNow() throws Exception {
        repository.delegate(Delegation.of("candidates", keys(holders("candidates", 1), 1), "c/*"));
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.publishNext();
        assertThat(repository.refresh().find("c/1")).isPresent();
        repository.delegate(Delegation.of("candidates", keys(holders("successors", 1), 1), "c/*"));
        repository.publishNext(); // the same metadata of candidates, by the old key
        RepositoryView view = repository.refresh();
        assertThatThrownBy(() -> view.find("c/1")).isInstanceOf(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aDelegatedRoleDoesNotVouchForOthersPaths() throws Exception {
        repository.delegate(Delegation.of("candidates", keys(holders("candidates", 1), 1), "c/*"));
        repository.addDelegated("candidates", "skills/a/1/skill.json", bytes("evil"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThat(view.find("skills/a/1/skill.json")).isEmpty();
        assertThat(view.delegated("candidates")).isEmpty();
        assertThat(view.released()).isEmpty();
    }

    @Test
    void whatADelegatedRoleVouchesForIsNeverReleased() throws Exception {
        repository.delegate(Delegation.of("candidates", keys(holders("candidates", 1), 1), "skills/*/*/*"));
        repository.addDelegated("candidates", "skills/a/1/skill.json", bytes("candidate"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThat(view.find("skills/a/1/skill.json")).isPresent();
        assertThat(view.released()).isEmpty();
    }

    @Test
    void aPatternsStarStopsAtASlash() {
        Delegation delegation = Delegation.of("role", keys(holders("role", 1), 1), "c/*", "a?c/*.json");
        for (String path : List.of("c/1", "c/", "abc/x.json", "abc/.json")) {
            assertThat(delegation.covers(path)).as(path).isTrue();
        }
        for (String path : List.of("c", "c/1/2", "d/1", "ac/x.json", "a/c/x.json", "abc/x.jso", "abc/x.json/y")) {
            assertThat(delegation.covers(path)).as(path).isFalse();
        }
    }

    @Test
    void delegationsByHashCoverWhatTheySay() {
        Delegation delegation = new Delegation("role", keys(holders("role", 1), 1), List.of("2c", "ff"), true, false);
        assertThat(delegation.covers("foo")).isTrue(); // its SHA-256 begins with 2c26
        assertThat(delegation.covers("bar")).isFalse(); // fcde
    }

    @Test
    void theFirstDelegationThatKnowsAPathWinsDepthFirst() throws Exception {
        repository.delegate(open("a", "*"), open("b", "*"));
        repository.addDelegated("a", "only-a", bytes("a"), open("c", "*"));
        repository.addDelegated("b", "x", bytes("b"));
        repository.addDelegated("c", "x", bytes("c"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThat(view.download(view.find("x").orElseThrow())).isEqualTo(bytes("c"));
    }

    @Test
    void aTerminatingDelegationEndsTheSearch() throws Exception {
        repository.delegate(Delegation.of("a", keys(holders("a", 1), 1), "*"), open("b", "*"));
        repository.addDelegated("a", "only-a", bytes("a"));
        repository.addDelegated("b", "x", bytes("b"));
        repository.publishNext();
        assertThat(repository.refresh().find("x")).isEmpty();
    }

    @Test
    void aTerminatingDelegationFurtherDownEndsTheSearchAltogether() throws Exception {
        repository.delegate(open("a", "*"), open("b", "*"));
        repository.addDelegated("a", "only-a", bytes("a"), Delegation.of("c", keys(holders("c", 1), 1), "*"));
        repository.addDelegated("b", "x", bytes("b"));
        repository.addDelegated("c", "only-c", bytes("c"));
        repository.publishNext();
        assertThat(repository.refresh().find("x")).isEmpty();
    }

    @Test
    void rolesThatDelegateInCirclesAreAskedOnce() throws Exception {
        repository.delegate(open("a", "*"));
        repository.addDelegated("a", "only-a", bytes("a"), open("b", "*"), open("a", "*"));
        repository.addDelegated("b", "only-b", bytes("b"), open("a", "*"));
        repository.publishNext();
        assertThat(repository.refresh().find("x")).isEmpty();
        assertThat(Collections.frequency(repository.requests, "metadata/1.a.json"))
                .isEqualTo(1);
    }

    @Test
    void noMoreRolesAreAskedThanTheLimit() throws Exception {
        repository.delegate(open("r0", "*"));
        for (int i = 0; i < 40; i++) {
            repository.addDelegated("r" + i, "only-" + i, bytes("r"), open("r" + (i + 1), "*"));
        }
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThat(view.find("only-31")).isPresent();
        assertThat(view.find("only-32")).isEmpty();
    }

    @Test
    void aDelegatedRoleMayNotBearTheNameOfARoleOfTuf() {
        for (String name : List.of("root", "targets", "snapshot", "timestamp", "../x", "", "a/b")) {
            assertThatThrownBy(() -> Delegation.of(name, keys(holders("a", 1), 1), "*"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPathThatLeadsElsewhereIsRefused() {
        for (String path : List.of("../x", "/x", "a//b", "a/../b", "", "a/.b", "a b", "a/")) {
            assertThatThrownBy(() -> TargetFile.of(path, new byte[0], Map.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Delegation open(String role, String path) {
        return new Delegation(role, keys(holders(role, 1), 1), List.of(path), false, false);
    }
}
