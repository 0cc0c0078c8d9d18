package dev.coppice.crypto.signing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an HTTP signature covers, and what it says of itself: the value of a member of {@code Signature-Input} (RFC 9421, section
 * 4.1), as it travels. Component names without parameters; parameters that are integers or strings without a backslash.
 */
public final class SignatureInput {
    private static final String STRING = "\"[ !#-\\[\\]-~]*\"";
    private static final Pattern FORM = Pattern.compile("\\(((?:" + STRING + "(?: " + STRING
            + ")*)?)\\)((?:;[a-z][a-z0-9_.*-]*=(?:-?[0-9]{1,15}|" + STRING + "))*)");
    private static final Pattern NAME = Pattern.compile(STRING);
    private static final int CHARACTERS_MAX = 1024;

    private final String text;
    private final List<String> components;
    private final String parameters;

    private SignatureInput(String text, List<String> components, String parameters) {
        this.text = text;
        this.components = components;
        this.parameters = parameters;
    }

    /**
     * Reads it.
     *
     * @param text of unknown origin
     * @return empty if it has another form
     */
    public static Optional<SignatureInput> find(String text) {
        Matcher form = FORM.matcher(text);
        if (text.length() > CHARACTERS_MAX || !form.matches()) {
            return Optional.empty();
        }
        List<String> components = new ArrayList<>();
        Matcher names = NAME.matcher(form.group(1));
        while (names.find()) {
            components.add(unquoted(names.group()));
        }
        return Optional.of(new SignatureInput(text, List.copyOf(components), form.group(2)));
    }

    /** The names of what is covered, in their order. */
    public List<String> components() {
        return components;
    }

    /** A string that it says of itself; empty if it does not, or says it twice. */
    public Optional<String> string(String name) {
        return parameter(name, STRING).map(SignatureInput::unquoted);
    }

    /** A number that it says of itself; empty if it does not, or says it twice. */
    public Optional<Long> integer(String name) {
        return parameter(name, "-?[0-9]+").map(Long::valueOf);
    }

    private Optional<String> parameter(String name, String form) {
        Matcher found = Pattern.compile(";" + Pattern.quote(name) + "=(" + form + ")(?=;|$)")
                .matcher(parameters);
        if (!found.find()) {
            return Optional.empty();
        }
        String value = found.group(1);
        return found.find() ? Optional.empty() : Optional.of(value);
    }

    /**
     * The bytes that are signed (section 2.5).
     *
     * @param values of the components by name: one line each, without blanks around it
     */
    public byte[] base(UnaryOperator<String> values) {
        StringBuilder base = new StringBuilder();
        for (String component : components) {
            String value = values.apply(component);
            if (value.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("a component's value is one line");
            }
            base.append('"').append(component).append("\": ").append(value).append('\n');
        }
        return base.append("\"@signature-params\": ").append(text).toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** As it travels. */
    @Override
    public String toString() {
        return text;
    }

    private static String unquoted(String quoted) {
        return quoted.substring(1, quoted.length() - 1);
    }
}
