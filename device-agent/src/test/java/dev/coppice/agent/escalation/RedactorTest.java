package dev.coppice.agent.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactorTest {
    private static final Redactor REDACTOR =
            new Redactor(List.of("Anna M\u00fcller-Lopez", "Joe", "Jos\u00e9", "Acme Corp"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            call anna at five               | call [NAME] at five
            call ANNA MUELLER or Annas mum  | call [NAME] MUELLER or [NAME] mum
            the annual report of acme corp  | the annual report of [NAME]
            is Mu\u0308ller there           | is [NAME] there
            text jose and Jos\u00e9's dog    | text [NAME] and [NAME] dog
            An\u200bna is here               | [NAME] is here
            \uff21\uff4e\uff4e\uff41 is here   | [NAME] is here
            write to joe.bloggs@mail.example.com now   | write to [EMAIL] now
            write to j b (at) mail.example today       | write to j [EMAIL] today
            bill dot gates at mail dot co dot uk       | [EMAIL]
            tweet @somebody_here            | [EMAIL]
            see https://x.example/u?id=anna | see [ADDRESS]
            www.example.com/anna please     | [ADDRESS] please
            ring +49 (0)170 1234-567        | ring [NUMBER]
            ring 555.0199 or 5 5 5 0 1 9 9  | ring [NUMBER] or [NUMBER]
            ring \u0661\u0662\u0663\u0664         | ring [NUMBER]
            ring \uff15\uff15\uff15              | ring [NUMBER]
            ring \u2460\u2461\u2462              | ring [NUMBER]
            ring 5\u200b5\u200b5              | ring [NUMBER]
            five five five oh one nine nine | [NUMBER]
            twenty-one forty two sixty      | [NUMBER]
            \u4e00\u4e8c\u4e09\u56db please         | [NUMBER] please
            card 4111-1111-1111-1111 ok     | card [NUMBER] ok
            iban DE89 3704 0044 0532 ok     | iban [NUMBER] ok
            plate B-AB1234 ok               | plate [NUMBER] ok
            [555] ok                        | [[NUMBER]] ok
            go to 221B Baker Street now     | go to [ADDRESS] now
            to 10 east 42nd st please       | to [ADDRESS] please
            nach Hauptstra\u00dfe 5a bitte  | nach [ADDRESS] bitte
            nach lindenweg 12               | nach [ADDRESS]
            via Giuseppe Verdi 12           | [ADDRESS]
            P.O. Box 77 thanks              | [ADDRESS] thanks
            to Baker Street please          | to [ADDRESS] please
            """)
    void whatTellsWhoIsMeantIsTakenOut(String text, String redacted) {
        assertThat(redact(text)).isEqualTo(redacted.strip());
    }

    @ParameterizedTest
    @CsvSource({
        "turn the light in the kitchen on",
        "what is one plus one",
        "how do you say good morning in french",
        "is there a way to drive to the park",
        "order me a coffee at the place we like",
    })
    void whatTellsNothingStays(String text) {
        assertThat(redact(text)).isEqualTo(text);
    }

    @Test
    void aPlaceholderThatSomebodyTypedIsNoWayIn() {
        assertThat(redact("[NAME] [NUMBER 5] [EMAIL@x.example]"))
                .doesNotContain("5")
                .doesNotContain("example");
    }

    @Test
    void namesWithSignsOfPatternsAreNames() {
        Redactor redactor = new Redactor(List.of("A.*", "(x", "", " "));
        assertThat(redactor.redact("A.* knows (x but not Abel").text()).isEqualTo("[NAME] knows [NAME] but not Abel");
    }

    @Test
    @Timeout(10)
    void textsMadeToTakeLongDoNot() {
        for (String piece : List.of("a", "1 ", "a@", "one ", "a dot ", "1 a ", "rue a ", "A ", "(", "+", "https://")) {
            redact(piece.repeat(100_000));
        }
    }

    @Test
    void nothingOfItIsPrinted() {
        assertThat(REDACTOR.redact("a secret")).asString().doesNotContain("secret");
    }

    /** Whatever comes, no digit leaves, and no name. */
    @FuzzTest
    void noDigitAndNoNameLeaves(@NotNull String text) {
        String redacted = redact(text);
        assertThat(redacted.codePoints().noneMatch(Character::isDigit)).isTrue();
        assertThat(List.of(redacted.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")))
                .doesNotContain("anna", "joe");
    }

    private static String redact(String text) {
        return REDACTOR.redact(text).text();
    }
}
