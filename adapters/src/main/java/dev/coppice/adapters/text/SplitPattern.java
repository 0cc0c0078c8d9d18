package dev.coppice.adapters.text;

/**
 * The regular expressions that may split a text. The native engine gives up on a match after ten million steps, and
 * that ends the process, so that only such are let through as are known to need fewer with every text of
 * {@link TextTokenizer#TEXT_CHARS_MAX} characters: alternatives of items one after the other, where an item is a
 * character, a class, a look at what follows, or a group without unbounded repetition. In each alternative at most one
 * unbounded repetition is followed by what may fail, so that the steps grow with the text, not with its square. The
 * patterns of GPT, Llama, Qwen and the like are of this kind.
 */
final class SplitPattern {
    private static final int LENGTH_MAX = 4_096;
    private static final int DEPTH_MAX = 8;
    private static final int REPEAT_MAX = 256;
    /** Ways to match all that does not grow with the text. */
    private static final long WAYS_MAX = 10_000;
    /** How often a text of the greatest length may be walked for one match. */
    private static final long WALKS_MAX = 16;

    private static final String ESCAPED = "sSdDwWrntfvhH";

    private final String pattern;
    private int at;
    private int depth;
    private long walks;

    /**
     * How often an item is met.
     *
     * @param least how often at least
     * @param ways how many numbers there are to choose from, if there is a bound
     */
    private record Repetition(int least, int ways, boolean unbounded) {
        static final Repetition ONCE = new Repetition(1, 1, false);
    }

    /** What is not known to be safe. */
    private static final class UnsafeException extends Exception {}

    private SplitPattern(String pattern) {
        this.pattern = pattern;
    }

    /** Whether every text is split in few steps. */
    static boolean isSafe(String pattern) {
        try {
            SplitPattern parser = new SplitPattern(pattern);
            parser.require(pattern.length() <= LENGTH_MAX);
            parser.alternatives();
            return parser.at == pattern.length() && parser.walks <= WALKS_MAX;
        } catch (UnsafeException e) {
            return false;
        }
    }

    /** In how many ways they can match. */
    private long alternatives() throws UnsafeException {
        require(++depth <= DEPTH_MAX);
        long ways = 0;
        do {
            ways += sequence();
            require(ways <= WAYS_MAX);
        } while (accept('|'));
        depth--;
        return ways;
    }

    private long sequence() throws UnsafeException {
        long ways = 1;
        int unbounded = 0;
        long walksHere = 0;
        while (at < pattern.length() && peek() != '|' && peek() != ')') {
            long waysOfItem = item();
            Repetition repetition = repetition();
            boolean isGroup = waysOfItem > 0;
            require(!repetition.unbounded() || (depth == 1 && !isGroup));
            require(!isGroup || repetition.least() + repetition.ways() <= 2);
            if (repetition.least() > 0) { // it may fail, and then everything before it is tried in another way
                require(unbounded <= 1);
                walksHere = unbounded * ways;
            }
            ways *= Math.max(1, waysOfItem) * repetition.ways();
            unbounded += repetition.unbounded() ? 1 : 0;
            require(ways <= WAYS_MAX);
        }
        walks += walksHere;
        return ways;
    }

    /** In how many ways it matches if it is a group; 0 if it is none. */
    private long item() throws UnsafeException {
        char c = next();
        switch (c) {
            case '(' -> {
                if (accept('?')) {
                    char kind = next();
                    require(kind == '!' || kind == '=' || kind == ':' || (kind == 'i' && accept(':')));
                }
                long ways = alternatives();
                require(accept(')'));
                return ways;
            }
            case '[' -> characterClass();
            case '\\' -> escape();
            default -> require("*+?{}]^$".indexOf(c) < 0);
        }
        return 0;
    }

    private void characterClass() throws UnsafeException {
        accept('^');
        require(peek() != ']');
        while (!accept(']')) {
            char c = next();
            require(c != '[' && !(c == '&' && peek() == '&')); // classes within classes
            if (c == '\\') {
                escape();
            }
        }
    }

    private void escape() throws UnsafeException {
        char c = next();
        if (c == 'p' || c == 'P') {
            require(accept('{'));
            accept('^');
            while (!accept('}')) {
                require(Character.isLetter(next()));
            }
        } else {
            require(!Character.isLetterOrDigit(c) || ESCAPED.indexOf(c) >= 0);
        }
    }

    private Repetition repetition() throws UnsafeException {
        if (at == pattern.length()) {
            return Repetition.ONCE;
        }
        Repetition repetition = switch (peek()) {
            case '?' -> new Repetition(0, 2, false);
            case '*' -> new Repetition(0, 1, true);
            case '+' -> new Repetition(1, 1, true);
            default -> Repetition.ONCE;
        };
        if (accept('{')) {
            return counted();
        }
        if (!repetition.equals(Repetition.ONCE)) {
            at++;
            if (!accept('?')) {
                accept('+'); // takes as little as can be, or gives nothing back
            }
        }
        return repetition;
    }

    private Repetition counted() throws UnsafeException {
        int least = number();
        if (accept('}')) {
            return new Repetition(least, 1, false);
        }
        require(accept(','));
        if (accept('}')) {
            return new Repetition(least, 1, true);
        }
        int most = number();
        require(accept('}') && most >= least);
        return new Repetition(least, most - least + 1, false);
    }

    private int number() throws UnsafeException {
        int number = 0;
        require(Character.digit(peek(), 10) >= 0);
        while (Character.digit(peek(), 10) >= 0) {
            number = 10 * number + Character.digit(next(), 10);
            require(number <= REPEAT_MAX);
        }
        return number;
    }

    private char peek() throws UnsafeException {
        require(at < pattern.length());
        return pattern.charAt(at);
    }

    private char next() throws UnsafeException {
        char c = peek();
        at++;
        return c;
    }

    private boolean accept(char c) {
        boolean there = at < pattern.length() && pattern.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void require(boolean holds) throws UnsafeException {
        if (!holds) {
            throw new UnsafeException();
        }
    }
}
