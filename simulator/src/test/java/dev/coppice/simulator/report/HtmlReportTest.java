package dev.coppice.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {
    @Test
    void thePageLoadsNothingFromAnywhere() {
        String page = page(PrivacyMode.REAL, SampleRun.IMPROVED);

        assertThat(page).doesNotContain("<script", "http://", "https://", "url(", "@import", " src=", "<link");
    }

    @Test
    void everyDrawingIsWellFormedAndHasNumbersOnly() throws Exception {
        Matcher drawings = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL)
                .matcher(page(PrivacyMode.SIMULATED, SampleRun.IMPROVED));
        int count = 0;
        while (drawings.find()) {
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(drawings.group())));
            assertThat(drawings.group()).doesNotContain("NaN", "Infinity");
            count++;
        }
        assertThat(count).isEqualTo(6);
    }

    @Test
    void itSaysWhoKnowsTheFiguresOfSingleDevices() {
        assertThat(page(PrivacyMode.REAL, SampleRun.IMPROVED)).contains("the simulator's knowledge", "never learns it");
    }

    @Test
    void aSeededRunSaysThatItsPrivacyIsSimulated() {
        assertThat(page(PrivacyMode.SIMULATED, SampleRun.IMPROVED)).contains("Privacy is simulated");
        assertThat(page(PrivacyMode.REAL, SampleRun.IMPROVED)).doesNotContain("Privacy is simulated");
    }

    @Test
    void aMissIsSaidAtTheTop() {
        HeldOut miss = new HeldOut(
                SampleRun.IMPROVED.majority(),
                SampleRun.IMPROVED.base(),
                SampleRun.IMPROVED.localOnly(),
                SampleRun.IMPROVED.base(),
                SampleRun.IMPROVED.personal());

        assertThat(page(PrivacyMode.REAL, miss)).contains("<p class=\"verdict bad\">A miss");
    }

    @Test
    void wordsFromTheCommandLineAreNoMarkup() {
        assertThat(page(PrivacyMode.REAL, SampleRun.IMPROVED))
                .contains("&lt;b&gt;&amp;.jsonl")
                .doesNotContain("<b>&.jsonl");
    }

    @Test
    void aRunThatMeasuredNothingStillDraws() {
        Summary summary = SampleRun.summary(PrivacyMode.OFF, SampleRun.IMPROVED);

        String page = HtmlReport.write(
                new RunReport("none", summary, List.of(), List.of(), List.of(), List.of(), List.of(), "again"));

        assertThat(page).contains("nothing was measured").doesNotContain("NaN");
    }

    private static String page(PrivacyMode privacy, HeldOut heldOut) {
        return HtmlReport.write(SampleRun.report(SampleRun.summary(privacy, heldOut)));
    }
}
