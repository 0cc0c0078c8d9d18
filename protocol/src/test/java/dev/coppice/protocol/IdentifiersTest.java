package dev.coppice.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifiersTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "-", "device-0001", "zz9"})
    void theseAreIdentifiers(String text) {
        assertThat(Identifiers.isIdentifier(text)).isTrue();
        assertThat(Identifiers.requireIdentifier(text)).isSameAs(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a b", "../a", "a/b", "a.b", "ä", "٣", "a\n", "a_b", "%2e"})
    void theseAreNot(String text) {
        assertThat(Identifiers.isIdentifier(text)).isFalse();
        assertThatThrownBy(() -> Identifiers.requireIdentifier(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sixtyFourCharactersAreTheMost() {
        assertThat(Identifiers.isIdentifier("a".repeat(64))).isTrue();
        assertThat(Identifiers.isIdentifier("a".repeat(65))).isFalse();
    }

    @Test
    void aHashHasSixtyFourLowerCaseHexadecimalDigits() {
        assertThat(Identifiers.isSha256("0a".repeat(32))).isTrue();
        assertThat(Identifiers.isSha256("0A".repeat(32))).isFalse();
        assertThat(Identifiers.isSha256("0g".repeat(32))).isFalse();
        assertThat(Identifiers.isSha256("0a".repeat(31))).isFalse();
    }
}
