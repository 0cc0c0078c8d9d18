package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivacyCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** The exact Gaussian's 3.9425 is the floor; the Renyi account may say a little more, and never less. */
    @Test
    void epsilonAnswersForAllParticipationsTogether() throws IOException {
        JsonNode answer = json("epsilon", "--noise", "4", "--participations", "8", "--json");
        assertThat(answer.get("epsilon").asDouble()).isBetween(3.9425, 4.2);
        assertThat(answer.get("delta").asDouble()).isEqualTo(1e-8);
        assertThat(answer.get("zcdpRho").asDouble()).isEqualTo(0.25);
    }

    /** The closed form is exact; the loss distribution comes near to it from above, the others from farther. */
    @Test
    void eachAccountantAnswersAndNoneBelowTheExactOne() throws IOException {
        double exact = epsilonBy("analytic");
        assertThat(exact).isCloseTo(3.9425, within(1e-3));
        assertThat(epsilonBy("pld")).isBetween(exact, exact * 1.001);
        assertThat(epsilonBy("rdp")).isBetween(exact, 4.2);
        assertThat(epsilonBy("zcdp")).isBetween(exact, 4.2);
        assertThat(epsilonBy("ANALYTIC")).isEqualTo(exact);
    }

    @Test
    void eachAccountantAnswersTheOtherWayRound() throws IOException {
        for (String name : List.of("pld", "analytic", "zcdp", "rdp")) {
            out.getBuffer().setLength(0);
            JsonNode answer =
                    json("noise", "--epsilon", "3.9425", "--participations", "8", "--accountant", name, "--json");
            assertThat(answer.get("accountant").asText()).isEqualTo(name);
            assertThat(answer.get("noiseMultiplier").asDouble()).as(name).isBetween(3.999, 4.3);
        }
    }

    private double epsilonBy(String accountant) throws IOException {
        out.getBuffer().setLength(0);
        return json("epsilon", "--noise", "4", "--participations", "8", "--accountant", accountant, "--json")
                .get("epsilon")
                .asDouble();
    }

    @Test
    void noiseAndEpsilonAnswerEachOther() throws IOException {
        JsonNode noise = json("noise", "--epsilon", "8", "--participations", "6", "--json");
        assertThat(noise.get("epsilon").asDouble()).isEqualTo(8);
        assertThat(noise.get("honestDevicesMin").asInt()).isEqualTo(170);
        int bits = noise.get("bits").asInt();
        assertThat(noise.get("uploadBytes").asInt()).isEqualTo(8192 * bits / 8);
        String multiplier = noise.get("noiseMultiplier").asText();
        out.getBuffer().setLength(0);
        JsonNode epsilon = json("epsilon", "--noise", multiplier, "--participations", "6", "--json");
        assertThat(epsilon.get("epsilon").asDouble()).isCloseTo(8, within(1e-3));
    }

    @Test
    void peopleGetOneFigureALine() {
        assertThat(run("epsilon", "--noise", "4", "--participations", "8")).isZero();
        assertThat(out.toString().lines()).anyMatch(line -> line.matches("noise multiplier +4"));
        assertThat(out.toString().lines()).anyMatch(line -> line.matches("delta +1E-8"));
    }

    @Test
    void aCostIsRoundedUp() {
        assertThat(Answer.up(7.99990001)).isEqualByComparingTo("8");
        assertThat(Answer.up(0.25)).isEqualByComparingTo("0.25");
    }

    @Test
    void aBudgetThatCannotBeKeptIsRefusedInOneSentence() {
        assertThat(run("noise", "--epsilon", "1e-6", "--participations", "1")).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().startsWith("coppice: No noise gives");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "epsilon",
                "epsilon --noise 0",
                "epsilon --noise NaN",
                "epsilon --noise 4 --participations 0",
                "epsilon --noise 4 --delta 1",
                "epsilon --noise 4 --accountant guess",
                "noise --epsilon 8 --participations 0 --accountant pld",
                "noise --epsilon 8",
                "noise --epsilon -1 --participations 6",
                "noise --epsilon 8 --participations 6 --devices 0",
                "noise --epsilon 8 --participations 6 --clip 0",
                "noise --epsilon 8 --participations 6 --dimension 0",
            })
    void whatMakesNoSenseIsAskedAgain(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "epsilon --help", "noise --help"})
    void helpShowsExamplesThatWork(String arguments) {
        assertThat(run(arguments.split(" "))).isZero();
        var examples = out.toString()
                .lines()
                .filter(line -> line.startsWith("  coppice privacy "))
                .map(line -> line.strip().replaceFirst("coppice privacy ", "").replaceFirst(" {3}.*", ""))
                .toList();
        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            assertThat(run(example.strip().split(" "))).as(example).isZero();
        }
    }

    private JsonNode json(String... arguments) throws IOException {
        assertThat(run(arguments)).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("privacy"));
        all.addAll(List.of(arguments));
        return Coppice.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setUsageHelpWidth(120)
                .execute(all.toArray(String[]::new));
    }
}
