package dev.coppice.agent.escalation;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes out of a text what tells who is meant: names that the app knows, e-mail and web addresses, postal addresses,
 * telephone and all other numbers. It rather takes too much. Immutable.
 *
 * <p>Tricks with characters do not help: the text is brought into one form first (Unicode NFKC, without accents and
 * characters that are not seen), and digits of every script count. But a name that the app does not give, or that is
 * misspelled, stays; so does what a text tells by its meaning.
 */
public final class Redactor {
    /** Longest text that is redacted; a longer one is cut. */
    public static final int CHARACTERS_MAX = 4_000;

    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cf}\\p{Cc}\\p{Co}\\p{Cn}]");
    private static final Pattern SPACE = Pattern.compile("[\\p{Z}\\t\\n\\r]+");
    private static final Pattern ACCENTS = Pattern.compile("[\\u0300-\\u036f\\u20d0-\\u20ff]");

    private static final String BEGIN = "(?<![\\p{L}\\p{N}])";
    private static final String END = "(?![\\p{L}\\p{N}])";
    private static final String WORD = "\\p{L}[\\p{L}'.-]{0,30}";
    private static final String STREET = "(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct"
            + "|place|pl|square|sq|terrace|crescent|highway|hwy|parkway|alley|mews|gardens?)";
    private static final String NUMBER_WORD =
            "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
                    + "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
                    + "|double|triple)";

    /** In the order in which they are looked for. */
    private static final List<Rule> RULES = List.of(
            anyCase("[ADDRESS]", "https?://\\S{1,2000}|" + BEGIN + "www\\.\\S{1,2000}"),
            anyCase("[EMAIL]", "[^ @<>(),;:]{1,64} ?(?:@|\\(at\\)|\\[at\\]) ?[^ @<>(),;:]{1,255}"),
            anyCase(
                    "[EMAIL]",
                    BEGIN + "(?:[\\p{L}\\p{N}._-]{1,64} dot ){0,3}[\\p{L}\\p{N}._-]{1,64} at "
                            + "(?:[\\p{L}\\p{N}-]{1,63} dot ){1,3}\\p{L}{2,24}" + END),
            anyCase("[NAME]", "@[\\p{L}\\p{N}_.]{2,64}"),
            anyCase(
                    "[ADDRESS]",
                    BEGIN + "\\p{Nd}{1,6}\\p{L}?,? (?:(?:" + WORD + "|\\p{Nd}{1,4}(?:st|nd|rd|th)) ){1,4}" + STREET
                            + END),
            anyCase(
                    "[ADDRESS]",
                    BEGIN + "(?:rue|via|calle|avenida|avenue|rua|piazza|plaza|place) (?:" + WORD
                            + ",? ){1,4}\\p{Nd}{1,5}" + END),
            anyCase(
                    "[ADDRESS]",
                    BEGIN
                            + "[\\p{L}.-]{1,40}(?:stra(?:\u00df|ss)e|str\\.|weg|platz|gasse|allee|ufer|damm) ?\\p{Nd}{1,4} ?\\p{L}?"
                            + END),
            new Rule(
                    "[ADDRESS]",
                    Pattern.compile(BEGIN
                            + "(?:\\p{Lu}[\\p{L}'.-]{1,30} ){1,3}(?:Street|Avenue|Road|Lane|Boulevard|Drive|Square)"
                            + END)),
            anyCase("[ADDRESS]", BEGIN + "p\\.? ?o\\.? ?box \\p{Nd}{1,8}" + END),
            anyCase("[NUMBER]", BEGIN + NUMBER_WORD + "(?:[ -]{1,3}(?:and )?" + NUMBER_WORD + "){2,40}" + END),
            anyCase("[NUMBER]", "[\u3007\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]{3,40}"),
            anyCase(
                    "[NUMBER]",
                    "[^ \\[\\]]{0,64}\\p{N}[^ \\[\\]]{0,255}(?:[ ()./-]{1,3}\\p{N}[^ \\[\\]]{0,64}){0,20}"));

    private final List<Rule> names;

    /** What is looked for, and what takes its place. */
    private record Rule(String placeholder, Pattern pattern) {
        String applied(String text) {
            return pattern.matcher(text).replaceAll(placeholder);
        }
    }

    /**
     * Knows names.
     *
     * @param names of people, places, firms: each as a whole, and of several words each word of three letters and more;
     *     upper and lower case and accents make no difference
     */
    public Redactor(Collection<String> names) {
        this.names = names.stream()
                .map(name -> plain(name).strip())
                .flatMap(name -> Stream.concat(
                        Stream.of(name), Arrays.stream(name.split("[ -]+")).filter(word -> word.length() >= 3)))
                .filter(name -> !name.isEmpty())
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(name -> anyCase("[NAME]", BEGIN + Pattern.quote(name) + "(?:['\u2019]?s)?" + END))
                .toList();
    }

    /** The text in one line without them, each replaced by what it was: [NAME], [EMAIL], [ADDRESS], [NUMBER]. */
    public RedactedText redact(String text) {
        String redacted = plain(text.length() > CHARACTERS_MAX ? text.substring(0, CHARACTERS_MAX) : text);
        for (Rule name : names) {
            redacted = name.applied(redacted);
        }
        for (Rule rule : RULES) {
            redacted = rule.applied(redacted);
        }
        return new RedactedText(redacted);
    }

    private static Rule anyCase(String placeholder, String pattern) {
        return new Rule(placeholder, Pattern.compile(pattern, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE));
    }

    /** One form of what looks alike. */
    private static String plain(String text) {
        String alike =
                SPACE.matcher(Normalizer.normalize(text, Normalizer.Form.NFKC)).replaceAll(" ");
        String seen = UNSEEN.matcher(alike).replaceAll("");
        String apart = Normalizer.normalize(seen, Normalizer.Form.NFD);
        return Normalizer.normalize(ACCENTS.matcher(apart).replaceAll(""), Normalizer.Form.NFC);
    }
}
