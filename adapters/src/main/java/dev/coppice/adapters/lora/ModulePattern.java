package dev.coppice.adapters.lora;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which modules are meant. One of
 *
 * <ul>
 *   <li>a role: {@code q}, {@code k}, {@code v}, {@code attention}, {@code mlp}, {@code all-linear};
 *   <li>the end of module paths, as PEFT has it: {@code q_proj}, {@code self_attn.q_proj};
 *   <li>a glob over whole paths: {@code *} is any one segment or part of one, {@code **} anything, <code>{0..3}</code> a
 *       number in that range and <code>{q,v}_proj</code> a choice: <code>model.layers.{0..3}.*.q_proj</code>.
 * </ul>
 */
final class ModulePattern {
    private static final int LENGTH_MAX = 200;
    private static final int RANGE_MAX = 1_000;
    private static final Pattern ALLOWED = Pattern.compile("[\\w.*{},-]{1," + LENGTH_MAX + "}");
    private static final Pattern PART = Pattern.compile("\\*\\*|\\*|\\{(\\d{1,4})\\.\\.(\\d{1,4})}|\\{([\\w.,-]+)}");

    private final Optional<Role> role;
    private final Pattern paths;

    private ModulePattern(Optional<Role> role, Pattern paths) {
        this.role = role;
        this.paths = paths;
    }

    /** @throws IllegalArgumentException if the text is no pattern */
    static ModulePattern of(String text) {
        if (!ALLOWED.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "a pattern of modules has 1 to " + LENGTH_MAX + " letters, digits or any of _ . * { } , -");
        }
        String end = isGlob(text) ? regex(text) : "(.*\\.)?" + Pattern.quote(text);
        return new ModulePattern(Role.find(text), Pattern.compile(end));
    }

    /** @param isHead whether the module makes the model's logits: no role includes it, but its name does */
    boolean matches(String path, boolean isHead) {
        return role.isPresent()
                ? !isHead && role.orElseThrow().isPlayedBy(path)
                : paths.matcher(path).matches();
    }

    /** Whether the text is the end of module paths: neither a role nor a glob. */
    static boolean isEnd(String text) {
        return Role.find(text).isEmpty() && !isGlob(text);
    }

    private static boolean isGlob(String text) {
        return text.matches(".*[*{}].*");
    }

    /** Whether the module or one that it is part of is meant. */
    boolean matchesOrHolds(String path) {
        for (String part = path; !part.isEmpty(); part = part.substring(0, Math.max(0, part.lastIndexOf('.')))) {
            if (matches(part, false)) {
                return true;
            }
        }
        return false;
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        Matcher part = PART.matcher(glob);
        int from = 0;
        while (part.find()) {
            regex.append(literal(glob.substring(from, part.start()))).append(regexOf(part));
            from = part.end();
        }
        return regex.append(literal(glob.substring(from))).toString();
    }

    private static String regexOf(Matcher part) {
        if (part.group(1) != null) {
            return range(Integer.parseInt(part.group(1)), Integer.parseInt(part.group(2)));
        }
        if (part.group(3) != null) {
            return "(" + part.group(3).replace(".", "\\.").replace(',', '|') + ")";
        }
        return part.group().equals("**") ? ".*" : "[^.]*";
    }

    private static String range(int first, int last) {
        if (first > last || last - first > RANGE_MAX) {
            throw new IllegalArgumentException("a range in a pattern of modules rises, by at most " + RANGE_MAX);
        }
        StringBuilder numbers = new StringBuilder("(").append(first);
        for (int number = first + 1; number <= last; number++) {
            numbers.append('|').append(number);
        }
        return numbers.append(')').toString();
    }

    private static String literal(String text) {
        if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
            throw new IllegalArgumentException("a brace in a pattern of modules is neither {0..3} nor {a,b}");
        }
        return text.isEmpty() ? "" : Pattern.quote(text);
    }
}
